/**
 * onnxruntime as this project uses it: 1.30 on Linux would collect usage data, and leave a log and a session file of it in the folder for
 * temporary files, unless it is told not to before its first session
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md). A thread has to be started with `env: SHARE_ENV` for this to reach
 * onnxruntime.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';

export { InferenceSession, Tensor } from 'onnxruntime-node';
