import { Controller, Get, Header, Inject, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { DomainError } from '#domain';
import { requireDatabase } from '#platform';
import { Readiness } from './readiness.js';

/** For whoever keeps the process running, and for Prometheus. */
@Controller()
export class IngestController implements BeforeApplicationShutdown {
  constructor(
    private readonly readiness: Readiness,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(Registry) private readonly registry: Registry,
  ) {}

  beforeApplicationShutdown(): void {
    this.readiness.set('process', 'this process is stopping');
  }

  @Get('health/live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** Whether events are being taken. Why not is told; what was not read waits in Kafka. */
  @Get('health/ready')
  async ready(): Promise<{ status: 'ready' }> {
    const { why } = this.readiness;
    if (why.length > 0) throw new DomainError('unavailable', 'not_ready', `Not ready: ${why.join('; ')}.`);
    await requireDatabase(this.dataSource);
    return { status: 'ready' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
