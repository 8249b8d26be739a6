import { Inject, Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { ModelsInService } from '#recommender';

/** What Prometheus hears of the models in service. */
@Injectable()
export class ModelMetrics {
  constructor(@Inject(Registry) registry: Registry, models: ModelsInService) {
    new Gauge({
      name: 'nextpick_model_problems',
      help: 'Stores whose promoted model is not the one that answers, added up over the processes; /health/ready has the reasons.',
      registers: [registry],
      collect() {
        this.set(models.states().filter(({ problem }) => problem !== null).length);
      },
    });
  }
}
