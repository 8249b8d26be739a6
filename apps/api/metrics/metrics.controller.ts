import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../http/access.guard.js';
import { Metrics } from './metrics.js';

/** For the operator's Prometheus; holds no shop's data, but need not be reachable from outside. */
@ApiExcludeController()
@Controller('metrics')
@Access('open')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
