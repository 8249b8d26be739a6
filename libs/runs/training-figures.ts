import type { DataSource } from 'typeorm';

/** How training stands with a store. */
export interface TrainingFigures {
  readonly store: string;
  /** Seconds since the epoch: the end of the newest run that promoted a model or kept the old one; null when there was none. */
  readonly lastSuccess: number | null;
  readonly lastFailed: boolean;
  /** Seconds since the model in service was made; null without one. */
  readonly modelAge: number | null;
  /** In points: what the newest challenger was better than the champion, by measure; null where none was judged. */
  readonly p20Margin: number | null;
  readonly mrr20Margin: number | null;
}

/** Of every store that was ever trained. */
export async function trainingFigures(dataSource: DataSource): Promise<TrainingFigures[]> {
  return dataSource.query<TrainingFigures[]>(
    `select store,
       extract(epoch from max(finished_at) filter (where outcome in ('promoted', 'kept')))::float8 as "lastSuccess",
       coalesce((array_agg(outcome order by started_at desc) filter (where outcome <> 'running'))[1] = 'failed', false) as "lastFailed",
       (select extract(epoch from now() - model_versions.created_at)::float8
        from model_promotions join model_versions using (store, version)
        where store = training_runs.store order by id desc limit 1) as "modelAge",
       (array_agg((details #>> '{gate,differences,p20,value}')::float8 order by started_at desc)
         filter (where details #> '{gate,differences,p20}' is not null))[1] as "p20Margin",
       (array_agg((details #>> '{gate,differences,mrr20,value}')::float8 order by started_at desc)
         filter (where details #> '{gate,differences,mrr20}' is not null))[1] as "mrr20Margin"
     from training_runs group by store`,
  );
}
