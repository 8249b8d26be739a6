export { createKafkaCluster } from './cluster.js';
export type {
  BatchControl,
  OutgoingRecord,
  ReaderHandlers,
  RecordBatch,
  StreamCluster,
  StreamReader,
  StreamRecord,
  StreamWriter,
  TopicDescription,
  TopicPartition,
  TransactionalWriter,
} from './stream.js';
