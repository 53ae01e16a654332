// Forward passes of ONNX Runtime for the bench: node onnxruntime.js FOLDER_WITH_NODE_MODULES MODEL THREADS SHAPE (1x3x224x224). Says "ready", then
// answers each line on stdin, a number of passes, with their times in ms on one line.
const path = require("path");
const readline = require("readline");
const ort = require(path.join(path.resolve(process.argv[2]), "node_modules", "onnxruntime-node"));

async function main() {
  const session = await ort.InferenceSession.create(process.argv[3], {
    intraOpNumThreads: Number(process.argv[4]),
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const shape = process.argv[5].split("x").map(Number);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; ++i) data[i] = ((i * 7919) % 255) - 128;
  const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", data, shape) };
  console.log("ready");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const times = [];
    for (let i = 0; i < Number(line); ++i) {
      const start = process.hrtime.bigint();
      await session.run(feeds);
      times.push((Number(process.hrtime.bigint() - start) / 1e6).toFixed(4));
    }
    console.log(times.join(" "));
  }
}
main();
