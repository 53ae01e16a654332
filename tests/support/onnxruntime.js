// ONNX Runtime as a second reader: node onnxruntime.js FOLDER_WITH_NODE_MODULES MODEL LEVEL OUTPUT_PREFIX SHAPE=FILE... runs the model, with raw float32
// files as its inputs in order and the graph optimizations LEVEL ("disabled", "all"). Writes each output as PREFIX0.f32, PREFIX1.f32...
const fs = require("fs");
const path = require("path");
const [folder, model, level, prefix, ...inputs] = process.argv.slice(2);
const ort = require(path.join(path.resolve(folder), "node_modules", "onnxruntime-node"));

async function main() {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: level, logSeverityLevel: 3 });
  const given = inputs.map((text) => {
    const [shape, file] = text.split("=");
    const dims = shape === "" ? [] : shape.split("x").map(Number);
    const bytes = fs.readFileSync(file);
    return { dims, count: dims.reduce((a, b) => a * b, 1), values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
  });
  // Files of several samples: one run each.
  const runs = given.length === 0 ? 1 : given[0].values.length / given[0].count;
  for (let run = 0; run < runs; ++run) {
    const feeds = {};
    given.forEach(({ dims, count, values }, i) => {
      feeds[session.inputNames[i]] = new ort.Tensor("float32", values.slice(run * count, (run + 1) * count), dims);
    });
    const results = await session.run(feeds);
    session.outputNames.forEach((name, i) => {
      const data = results[name].data;
      fs[run === 0 ? "writeFileSync" : "appendFileSync"](prefix + i + ".f32", Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    });
  }
}
main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
