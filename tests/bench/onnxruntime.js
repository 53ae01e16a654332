// Forward times of ONNX Runtime for the bench: node onnxruntime.js FOLDER_OF_NODE_MODULES MODEL THREADS; prints the median in ms.
const path = require("path");
const ort = require(path.join(process.argv[2], "node_modules", "onnxruntime-node"));

async function main() {
  const threads = Number(process.argv[4]);
  const session = await ort.InferenceSession.create(process.argv[3], {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
  });
  const shape = process.argv[5].split("x").map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(count);
  for (let i = 0; i < count; ++i) data[i] = ((i * 7919) % 255) - 128;
  const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", data, shape) };
  const times = [];
  for (let i = 0; i < 60; ++i) {
    const start = process.hrtime.bigint();
    await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.sort((a, b) => a - b);
  console.log(times[Math.floor(times.length / 2)].toFixed(3));
}
main();
