import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SharedFigures } from '../../processes/index.js';
import { Access } from '../http/access.guard.js';

/** For the operator's Prometheus; holds no shop's data, but need not be reachable from outside. */
@ApiExcludeController()
@Controller('metrics')
@Access('open')
export class MetricsController {
  constructor(private readonly figures: SharedFigures) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.figures.read();
  }
}
