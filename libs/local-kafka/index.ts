export { findJava } from './java.js';
export { attachKafkaTool, runKafkaTool, type KafkaTool } from './kafka-tool.js';
export { KAFKA_VERSION } from './libraries.js';
export { startLocalKafka, type LocalKafka, type LocalKafkaOptions } from './local-kafka.js';
export { DEFAULT_KAFKA_PORT, findLocalKafka } from './ports.js';
