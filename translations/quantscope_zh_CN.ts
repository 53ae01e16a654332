<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Causes</name>
    <message>
        <source>input %1</source>
        <translation>输入 %1</translation>
    </message>
    <message>
        <source>output %1</source>
        <translation>输出 %1</translation>
    </message>
    <message>
        <source>state</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>wide channel</source>
        <translation>宽通道</translation>
    </message>
    <message>
        <source>long tail</source>
        <translation>长尾</translation>
    </message>
    <message>
        <source>cut tail</source>
        <translation>截尾</translation>
    </message>
    <message>
        <source>one picture</source>
        <translation>单张图片</translation>
    </message>
    <message>
        <source>few levels</source>
        <translation>级数太少</translation>
    </message>
    <message>
        <source>scores cut</source>
        <translation>分数被截</translation>
    </message>
    <message>
        <source>coarse scores</source>
        <translation>分数太粗</translation>
    </message>
    <message>
        <source>shared scale</source>
        <translation>共用 scale</translation>
    </message>
    <message>
        <source>bias scale</source>
        <translation>偏置的 scale</translation>
    </message>
    <message>
        <source>dead channels</source>
        <translation>死通道</translation>
    </message>
    <message>
        <source>upstream</source>
        <translation>来自上游</translation>
    </message>
    <message>
        <source>%1: channel %2 is %3 times as wide as the median channel, which takes about %6 of %7 bits (2^%6) from the others; %4 of %5 channels are so wide</source>
        <translation>%1：通道 %2 的范围是中位通道的 %3 倍，使其他通道在 %7 位中约损失 %6 位（2^%6）；%5 个通道中有 %4 个这样宽</translation>
    </message>
    <message>
        <source>%1: the limits are %2 times as wide as 99.9 % of the values need</source>
        <translation>%1：限值是 99.9 % 的值所需范围的 %2 倍</translation>
    </message>
    <message>
        <source>%1: %2 of what quantizing it adds comes from the %3 of its values that the limits cut</source>
        <translation>%1：其量化误差的 %2 来自被限值截掉的 %3 的值</translation>
    </message>
    <message>
        <source>%1: %2 alone is %3 times as wide as any other sample</source>
        <translation>%1：仅 %2 的范围就是其他任何样本的 %3 倍</translation>
    </message>
    <message>
        <source>%1: %2 of %3 channels use fewer than %4 of %5 levels, the least %6</source>
        <translation>%1：%3 个通道中有 %2 个用到的级数少于 %4（共 %5 级），最少的只有 %6</translation>
    </message>
    <message>
        <source>%1: its limit is %2, but values go to %3, and %4 decides by them</source>
        <translation>%1：其限值为 %2，而值达到 %3，%4 正是据此判定的</translation>
    </message>
    <message>
        <source>%1: one step is %2, and half of it changes a probability by %3</source>
        <translation>%1：一步为 %2，半步就使概率改变 %3</translation>
    </message>
    <message>
        <source>%1 shares a scale with input %2, which is %3 times as wide</source>
        <translation>%1 与输入 %2 共用 scale，而后者的范围是它的 %3 倍</translation>
    </message>
    <message>
        <source>%2 of the layer&apos;s error comes from its weights, most from output channel %3 (%4)</source>
        <translation>该层误差的 %2 来自权重，其中输出通道 %3 最多（%4）</translation>
    </message>
    <message>
        <source>scale_w of channel %2 is larger than solved, because the bias would leave int32</source>
        <translation>通道 %2 的 scale_w 大于求得的值，因为否则偏置会超出 int32</translation>
    </message>
    <message>
        <source>%1: %2 of %3 channels never change</source>
        <translation>%1：%3 个通道中有 %2 个从不变化</translation>
    </message>
    <message>
        <source>%2 of its error comes from layers before it, the worst of which is &apos;%3&apos; (local cosine %4)</source>
        <translation>其误差的 %2 来自前面的层，其中最差的是“%3”（单层余弦 %4）</translation>
    </message>
    <message>
        <source>The largest magnitude of the widest channel, divided by the median of all channels&apos; largest magnitudes; said from 8 on, where at most a quarter of the channels is so wide and one scale serves all.</source>
        <translation>最宽通道的最大绝对值，除以所有通道最大绝对值的中位数；达到 8 时才说，且至多四分之一的通道这样宽、所有通道共用一个 scale。</translation>
    </message>
    <message>
        <source>The wider limit, divided by the magnitude that 99.9 % of the values do not exceed; said from 8 on.</source>
        <translation>较宽的限值，除以 99.9 % 的值不超过的绝对值；达到 8 时才说。</translation>
    </message>
    <message>
        <source>The squared error of the values outside the limits, divided by that of all; said from a half on.</source>
        <translation>限值之外的值的平方误差，除以所有值的平方误差；达到一半时才说。</translation>
    </message>
    <message>
        <source>The largest magnitude in one sample, divided by the largest in any other; said from 1.5 on, of four samples or more.</source>
        <translation>一个样本中的最大绝对值，除以其他所有样本中的最大绝对值；至少四个样本、达到 1.5 时才说。</translation>
    </message>
    <message>
        <source>The share of channels that use fewer than 16 levels, of those with 128 values or more that are not constant; said from a half on.</source>
        <translation>用到的级数少于 16 的通道所占比例（只计至少有 128 个值且不恒定的通道）；达到一半时才说。</translation>
    </message>
    <message>
        <source>The largest value in front of a Softmax or Sigmoid, divided by the limit; said from 1.1 on.</source>
        <translation>Softmax 或 Sigmoid 之前的最大值，除以限值；达到 1.1 时才说。</translation>
    </message>
    <message>
        <source>exp(step / 2) - 1 for the input of a Softmax; said from 2 % on.</source>
        <translation>对 Softmax 的输入，为 exp(步长 / 2) - 1；达到 2 % 时才说。</translation>
    </message>
    <message>
        <source>The largest magnitude of the widest operand, divided by that of the narrowest; said from 4 on, where they share a scale.</source>
        <translation>最宽操作数的最大绝对值，除以最窄操作数的；共用 scale 且达到 4 时才说。</translation>
    </message>
    <message>
        <source>The part of the layer&apos;s local error that comes from its weights&apos; errors, these taken as independent; said from a half on.</source>
        <translation>该层单层误差中来自权重误差的部分（视各误差相互独立）；达到一半时才说。</translation>
    </message>
    <message>
        <source>A bias is held in int32 steps of scale_w * scale_d: where it would not fit, scale_w is raised until it does.</source>
        <translation>偏置以 scale_w * scale_d 为步长存为 int32：放不下时，scale_w 被调大，直到放得下。</translation>
    </message>
    <message>
        <source>Channels whose smallest value is their largest, in all samples.</source>
        <translation>在所有样本中最小值等于最大值的通道。</translation>
    </message>
    <message>
        <source>1 minus the local squared error divided by the cumulative one; said from 0.8 on, where the cumulative cosine is below 0.99 and a layer before it has a local one below 0.999.</source>
        <translation>1 减去单层平方误差与累积平方误差之比；达到 0.8、累积余弦低于 0.99，且前面有单层余弦低于 0.999 的层时才说。</translation>
    </message>
    <message>
        <source>no clipping</source>
        <translation>不截断</translation>
    </message>
    <message>
        <source>percentile %1</source>
        <translation>分位数 %1</translation>
    </message>
    <message>
        <source>calibrator %1</source>
        <translation>校准算法 %1</translation>
    </message>
    <message>
        <source>with offset</source>
        <translation>带 offset</translation>
    </message>
    <message>
        <source>symmetric</source>
        <translation>对称</translation>
    </message>
    <message>
        <source>weights per channel</source>
        <translation>权重逐通道</translation>
    </message>
    <message>
        <source>equalize %1 with %2</source>
        <translation>均衡 %1 与 %2</translation>
    </message>
    <message>
        <source>AdaRound</source>
        <translation>AdaRound</translation>
    </message>
    <message>
        <source>bias correction</source>
        <translation>偏置校正</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>adds up</source>
        <translation>逐层累积</translation>
    </message>
    <message>
        <source>%2 of its error comes from the %3 quantized layers before it, none of which is bad by itself</source>
        <translation>其误差的 %2 来自前面的 %3 个量化层，其中没有哪一层本身很差</translation>
    </message>
    <message>
        <source>The same number, where no layer before it has a local cosine below 0.999: many small errors add up.</source>
        <translation>同一数值，但前面没有单层余弦低于 0.999 的层：许多小误差逐层累积。</translation>
    </message>
</context>
<context>
    <name>Checks</name>
    <message>
        <source>Cannot be compiled</source>
        <translation>无法编译</translation>
    </message>
    <message>
        <source>Slow</source>
        <translation>速度慢</translation>
    </message>
    <message>
        <source>Costs accuracy</source>
        <translation>影响精度</translation>
    </message>
    <message>
        <source>Advice</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>Caffe&apos;s files cannot hold it: %1</source>
        <translation>Caffe 文件无法表示该层：%1</translation>
    </message>
    <message>
        <source>Caffe&apos;s caffe.proto; AMCT&apos;s deploy model</source>
        <translation>Caffe 的 caffe.proto；AMCT 的部署模型</translation>
    </message>
    <message>
        <source>Replace the layer in the network, or choose a target that reads ONNX</source>
        <translation>在网络中替换该层，或选择读取 ONNX 的目标</translation>
    </message>
    <message>
        <source>It is not run here; it and what is behind it are not calibrated: %1</source>
        <translation>该层在此无法运行，它及其后的层均未校准：%1</translation>
    </message>
    <message>
        <source>Quantscope</source>
        <translation>Quantscope 自定规则</translation>
    </message>
    <message>
        <source>Give what is missing (weights, a custom.proto, an input&apos;s shape), or take the layer out of the network</source>
        <translation>补上缺少的内容（权重、custom.proto、输入形状），或从网络中去掉该层</translation>
    </message>
    <message>
        <source>No legal scale: %1</source>
        <translation>没有合法的 scale：%1</translation>
    </message>
    <message>
        <source>AMCT manual, FAQ: a scale is legal from FLT_EPSILON to 1/FLT_EPSILON</source>
        <translation>AMCT 手册 FAQ：scale 的合法范围为 FLT_EPSILON 到 1/FLT_EPSILON</translation>
    </message>
    <message>
        <source>Look at the layer&apos;s values: rescale the network, set limits by hand, or switch its quant_enable off</source>
        <translation>查看该层的数值：重新缩放网络、手动设置截断上下限，或关闭其 quant_enable</translation>
    </message>
    <message>
        <source>AMCT does not quantize layers of type %1: it stays in float</source>
        <translation>AMCT 不量化 %1 类型的层：该层保持浮点</translation>
    </message>
    <message>
        <source>AMCT manual, appendix: layers that can be quantized</source>
        <translation>AMCT 手册附录：量化支持的层</translation>
    </message>
    <message>
        <source>Replace it by a layer of the table where speed matters</source>
        <translation>若速度重要，改用表中的层</translation>
    </message>
    <message>
        <source>All values seen at input %1 become zero: the largest is %2, the step %3</source>
        <translation>输入 %1 上见到的值全部量化为零：最大值为 %2，步长为 %3</translation>
    </message>
    <message>
        <source>AMCT manual, FAQ: a scale below FLT_EPSILON is taken as 1</source>
        <translation>AMCT 手册 FAQ：小于 FLT_EPSILON 的 scale 取 1</translation>
    </message>
    <message>
        <source>Rescale the network, or switch its quant_enable off</source>
        <translation>重新缩放网络，或关闭其 quant_enable</translation>
    </message>
    <message>
        <source>scale_w was raised so that the bias fits into int32: channel %1</source>
        <translation>为使偏置不超出 int32，已增大 scale_w：通道 %1</translation>
    </message>
    <message>
        <source>Quantscope; ONNX Runtime does the same</source>
        <translation>Quantscope 自定规则；ONNX Runtime 做法相同</translation>
    </message>
    <message>
        <source>Equalize the layer, or give its input a wider range</source>
        <translation>对该层做均衡，或放宽其输入范围</translation>
    </message>
    <message>
        <source>The int32 accumulator of channel %1 can reach %2 times its range for the worst input</source>
        <translation>最坏输入下，通道 %1 的 int32 累加器可达其范围的 %2 倍</translation>
    </message>
    <message>
        <source>Quantscope: sum of the weights&apos; codes times the widest input codes</source>
        <translation>Quantscope 自定规则：权重编码之和乘以最大的输入编码</translation>
    </message>
    <message>
        <source>Fewer bits for the input; Compare counts the overflows that really happen</source>
        <translation>减少输入位宽；“对比”会统计实际发生的溢出</translation>
    </message>
    <message>
        <source>It is the %1 layer with weights, and has snq_quantize</source>
        <translation>它是带权重的层中的 %1，却使用 snq_quantize</translation>
    </message>
    <message>
        <source>AMCT manual, snq_quantize: keep the first and the last layer uniform</source>
        <translation>AMCT 手册 snq_quantize：首尾层应保持均匀量化</translation>
    </message>
    <message>
        <source>Set its wts_algo to arq_quantize</source>
        <translation>将其 wts_algo 设为 arq_quantize</translation>
    </message>
    <message>
        <source>One scale for all outputs, whose weights&apos; ranges differ by a factor of %1</source>
        <translation>所有输出共用一个 scale，而其权重范围相差 %1 倍</translation>
    </message>
    <message>
        <source>AMCT manual: InnerProduct has no channel_wise</source>
        <translation>AMCT 手册：InnerProduct 不支持 channel_wise</translation>
    </message>
    <message>
        <source>Equalize it with the layer before, or give it 8 bits and AdaRound</source>
        <translation>与前一层做均衡，或使用 8 位并加 AdaRound</translation>
    </message>
    <message>
        <source>An ONNX file cannot hold it: %1</source>
        <translation>ONNX 文件无法表示该层：%1</translation>
    </message>
    <message>
        <source>ONNX operators, opset 13 to 17</source>
        <translation>ONNX 算子，opset 13 到 17</translation>
    </message>
    <message>
        <source>Replace the layer in the network, or choose a target that reads Caffe</source>
        <translation>在网络中替换该层，或选择读取 Caffe 的目标</translation>
    </message>
    <message>
        <source>Its input %1 has %2 bits; ONNX has 8 and 16</source>
        <translation>其输入 %1 为 %2 位；ONNX 只有 8 位和 16 位</translation>
    </message>
    <message>
        <source>ONNX, QuantizeLinear; ONNX Runtime, com.microsoft.QuantizeLinear</source>
        <translation>ONNX 的 QuantizeLinear；ONNX Runtime 的 com.microsoft.QuantizeLinear</translation>
    </message>
    <message>
        <source>Give the input 8 or 16 bits</source>
        <translation>将该输入设为 8 位或 16 位</translation>
    </message>
    <message>
        <source>Quantscope: a scale is legal from FLT_EPSILON to 1/FLT_EPSILON</source>
        <translation>Quantscope 自定规则：scale 的合法范围为 FLT_EPSILON 到 1/FLT_EPSILON</translation>
    </message>
    <message>
        <source>Look at the layer&apos;s values: rescale the network, set limits by hand, or leave it in float</source>
        <translation>查看该层的数值：重新缩放网络、手动设置截断上下限，或保持浮点</translation>
    </message>
    <message>
        <source>Its input %1 has 16 bits: ONNX Runtime computes the layer in float, TensorRT refuses the file</source>
        <translation>其输入 %1 为 16 位：ONNX Runtime 以浮点计算该层，TensorRT 拒绝该文件</translation>
    </message>
    <message>
        <source>ONNX Runtime, quantization: 16-bit types are in the domain com.microsoft</source>
        <translation>ONNX Runtime 量化文档：16 位类型位于 com.microsoft 域</translation>
    </message>
    <message>
        <source>8 bits, where the accuracy allows it</source>
        <translation>在精度允许时使用 8 位</translation>
    </message>
    <message>
        <source>Its 4-bit weights are written as 8-bit ones: the file gets no smaller</source>
        <translation>其 4 位权重按 8 位写出：文件不会变小</translation>
    </message>
    <message>
        <source>ONNX before opset 21 has no 4-bit types</source>
        <translation>opset 21 之前的 ONNX 没有 4 位类型</translation>
    </message>
    <message>
        <source>Uniform 8-bit weights lose less</source>
        <translation>均匀的 8 位权重损失更小</translation>
    </message>
    <message>
        <source>Rescale the network, or leave the layer in float</source>
        <translation>重新缩放网络，或让该层保持浮点</translation>
    </message>
    <message>
        <source>ONNX Runtime, quantization tool: the weight scale is adjusted where the bias would overflow</source>
        <translation>ONNX Runtime 量化工具：偏置会溢出时调整权重 scale</translation>
    </message>
    <message>
        <source>Its inputs have different scales: the codes are converted before they are joined</source>
        <translation>其各输入的 scale 不同：拼接或相加之前要先换算</translation>
    </message>
    <message>
        <source>TensorRT and ONNX Runtime join without conversion where the scales are the same</source>
        <translation>scale 相同时，TensorRT 与 ONNX Runtime 无需换算</translation>
    </message>
    <message>
        <source>Nothing, unless the time of this layer matters</source>
        <translation>除非该层耗时重要，否则无需处理</translation>
    </message>
    <message>
        <source>%1 inputs of the network may get a zero point other than 0: ONNX Runtime takes that, TensorRT does not</source>
        <translation>网络有 %1 个输入的零点可能不为 0：ONNX Runtime 支持，TensorRT 不支持</translation>
    </message>
    <message>
        <source>TensorRT, explicit quantization: symmetric only</source>
        <translation>TensorRT 显式量化：仅支持对称</translation>
    </message>
    <message>
        <source>For TensorRT switch activation_offset off and calibrate again</source>
        <translation>用于 TensorRT 时，关闭 activation_offset 后重新校准</translation>
    </message>
    <message>
        <source>Replace the layer in the network, or leave the export to its own tool</source>
        <translation>在网络中替换该层，或用其自己的工具导出</translation>
    </message>
    <message>
        <source>Its input %1 may get a zero point other than 0, which TensorRT refuses</source>
        <translation>其输入 %1 的零点可能不为 0，TensorRT 会拒绝</translation>
    </message>
    <message>
        <source>Switch the offset of the layer off and calibrate again</source>
        <translation>关闭该层的偏移后重新校准</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>%1 layers</source>
        <translation>%1 层</translation>
    </message>
    <message>
        <source>%1 is unchanged: %2</source>
        <translation>%1 保持不变：%2</translation>
    </message>
    <message>
        <source>Quantize %1</source>
        <translation>量化 %1</translation>
    </message>
    <message>
        <source>Keep %1 in float</source>
        <translation>%1 保持浮点</translation>
    </message>
    <message>
        <source>Activation bits of %1</source>
        <translation>%1 的数据位宽</translation>
    </message>
    <message>
        <source>Weight bits of %1</source>
        <translation>%1 的权重位宽</translation>
    </message>
    <message>
        <source>Weight algorithm of %1</source>
        <translation>%1 的权重量化算法</translation>
    </message>
    <message>
        <source>Setting of %1</source>
        <translation>%1 的设置</translation>
    </message>
    <message>
        <source>Clip limits of %1</source>
        <translation>%1 的截断上下限</translation>
    </message>
    <message>
        <source>Take %1 from %2</source>
        <translation>从 %2 取用 %1 的设置</translation>
    </message>
    <message>
        <source>Calibrator of %1</source>
        <translation>%1 的校准算法</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 的%1</translation>
    </message>
    <message>
        <source>Target %1</source>
        <translation>目标 %1</translation>
    </message>
    <message>
        <source>%1: %2 has no %3 bits for an input, it gets %4</source>
        <translation>%1：%2 的输入没有 %3 位，改为 %4 位</translation>
    </message>
    <message>
        <source>Target %1: all settings are kept</source>
        <translation>目标 %1：所有设置保持不变</translation>
    </message>
    <message>
        <source>Target %1: all other settings are kept</source>
        <translation>目标 %1：其余设置保持不变</translation>
    </message>
    <message>
        <source>%1: the inputs of a Concat or Eltwise share one scale</source>
        <translation>%1：Concat 或 Eltwise 的各输入共用一个 scale</translation>
    </message>
    <message>
        <source>%1: each input of a Concat or Eltwise has a scale of its own</source>
        <translation>%1：Concat 或 Eltwise 的每个输入各有一个 scale</translation>
    </message>
    <message>
        <source>%1: %2 does not quantize this layer</source>
        <translation>%1：%2 不量化此层</translation>
    </message>
</context>
<context>
    <name>Error</name>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>The file does not exist</source>
        <translation>文件不存在</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>请检查路径。</translation>
    </message>
    <message>
        <source>The file cannot be read</source>
        <translation>文件无法读取</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>请检查文件权限。</translation>
    </message>
    <message>
        <source>The file ends too early</source>
        <translation>文件不完整</translation>
    </message>
    <message>
        <source>Copy or download it again.</source>
        <translation>请重新复制或下载。</translation>
    </message>
    <message>
        <source>The file declares more data than a network can have</source>
        <translation>文件声明的数据量超出网络可能的大小</translation>
    </message>
    <message>
        <source>It is damaged: copy or download it again.</source>
        <translation>文件已损坏：请重新复制或下载。</translation>
    </message>
    <message>
        <source>The file cannot be written</source>
        <translation>文件无法写入</translation>
    </message>
    <message>
        <source>Check that the folder exists, that you may write there and that the disk is not full.</source>
        <translation>请确认文件夹存在、有写权限且磁盘未满。</translation>
    </message>
    <message>
        <source>The format is not known</source>
        <translation>无法识别的格式</translation>
    </message>
    <message>
        <source>Give a Caffe .prototxt (with its .caffemodel), an .onnx or a TorchScript file.</source>
        <translation>请提供 Caffe 的 .prototxt（及其 .caffemodel）、.onnx 或 TorchScript 文件。</translation>
    </message>
    <message>
        <source>The file cannot be parsed</source>
        <translation>文件无法解析</translation>
    </message>
    <message>
        <source>Correct the place that is named.</source>
        <translation>请修正所指出的位置。</translation>
    </message>
    <message>
        <source>The network is not valid</source>
        <translation>网络无效</translation>
    </message>
    <message>
        <source>Correct the layer that is named.</source>
        <translation>请修正所指出的层。</translation>
    </message>
    <message>
        <source>The weights do not belong to this network</source>
        <translation>权重不属于该网络</translation>
    </message>
    <message>
        <source>Give the weights that were trained with this network.</source>
        <translation>请提供由该网络训练得到的权重。</translation>
    </message>
    <message>
        <source>The shapes do not fit</source>
        <translation>形状不匹配</translation>
    </message>
    <message>
        <source>Check the layer&apos;s parameters and its inputs.</source>
        <translation>请检查该层的参数和输入。</translation>
    </message>
    <message>
        <source>A value is NaN or infinite</source>
        <translation>出现 NaN 或无穷大的值</translation>
    </message>
    <message>
        <source>Check the weights or the data that are named.</source>
        <translation>请检查所指出的权重或数据。</translation>
    </message>
    <message>
        <source>The network has no such layer</source>
        <translation>网络中没有该层</translation>
    </message>
    <message>
        <source>Check the spelling of the layer&apos;s name.</source>
        <translation>请检查层名的拼写。</translation>
    </message>
    <message>
        <source>The key is not known</source>
        <translation>未知的键</translation>
    </message>
    <message>
        <source>Check its spelling or remove it.</source>
        <translation>请检查拼写或将其删除。</translation>
    </message>
    <message>
        <source>The key stands twice</source>
        <translation>键重复</translation>
    </message>
    <message>
        <source>Remove one of the two.</source>
        <translation>请删除其中一个。</translation>
    </message>
    <message>
        <source>The value is out of range</source>
        <translation>值超出范围</translation>
    </message>
    <message>
        <source>Give a value inside the range.</source>
        <translation>请给出范围内的值。</translation>
    </message>
    <message>
        <source>The value has the wrong type</source>
        <translation>值的类型错误</translation>
    </message>
    <message>
        <source>Give a value of the type that is named.</source>
        <translation>请给出所要求类型的值。</translation>
    </message>
    <message>
        <source>A value is missing</source>
        <translation>缺少值</translation>
    </message>
    <message>
        <source>Add it.</source>
        <translation>请补充。</translation>
    </message>
    <message>
        <source>The layer cannot be run</source>
        <translation>该层无法运行</translation>
    </message>
    <message>
        <source>Cut the network before it, or use the parts that do not depend on it.</source>
        <translation>请在该层之前截断网络，或只使用不依赖它的部分。</translation>
    </message>
    <message>
        <source>This is not supported</source>
        <translation>不支持</translation>
    </message>
    <message>
        <source>See the table of what works in the README.</source>
        <translation>请参阅 README 中的支持列表。</translation>
    </message>
    <message>
        <source>There is no data</source>
        <translation>没有数据</translation>
    </message>
    <message>
        <source>Choose a folder with pictures, a list, .npy, CIFAR-10 or MNIST file, or an LMDB.</source>
        <translation>请选择图片文件夹、列表、.npy、CIFAR-10、MNIST 文件或 LMDB。</translation>
    </message>
    <message>
        <source>The data cannot be read</source>
        <translation>数据无法读取</translation>
    </message>
    <message>
        <source>Check the file that is named.</source>
        <translation>请检查所指出的文件。</translation>
    </message>
    <message>
        <source>There are fewer batches of data than batch_num</source>
        <translation>数据的批数少于 batch_num</translation>
    </message>
    <message>
        <source>Give more data, a smaller batch, or lower batch_num.</source>
        <translation>请提供更多数据、减小批大小或降低 batch_num。</translation>
    </message>
    <message>
        <source>The network is quantized already</source>
        <translation>网络已经量化过</translation>
    </message>
    <message>
        <source>Open the float network that it was made from.</source>
        <translation>请打开量化前的浮点网络。</translation>
    </message>
    <message>
        <source>The quantization scale is illegal</source>
        <translation>量化因子 scale 不合法</translation>
    </message>
    <message>
        <source>The data&apos;s range is not usable: check the layer&apos;s input for infinities or very large values, or do not quantize it.</source>
        <translation>数据范围不可用：请检查该层输入是否含无穷大或极大值，或不量化该层。</translation>
    </message>
    <message>
        <source>There is not enough memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>Close other programs, or use a smaller batch, smaller pictures or a smaller network.</source>
        <translation>请关闭其他程序，或使用更小的批次、更小的图片或更小的网络。</translation>
    </message>
    <message>
        <source>The compute engine cannot be opened</source>
        <translation>无法打开计算引擎</translation>
    </message>
    <message>
        <source>Reinstall the program; libquantscope_engine.so must stand beside it.</source>
        <translation>请重新安装程序；libquantscope_engine.so 应与程序在同一位置。</translation>
    </message>
    <message>
        <source>The command line is not valid</source>
        <translation>命令行无效</translation>
    </message>
    <message>
        <source>See --help.</source>
        <translation>请参阅 --help。</translation>
    </message>
    <message>
        <source>Internal error</source>
        <translation>内部错误</translation>
    </message>
    <message>
        <source>Please report it with the log.</source>
        <translation>请附上日志反馈。</translation>
    </message>
    <message>
        <source>The labels do not belong to these samples</source>
        <translation>标签不属于这些样本</translation>
    </message>
    <message>
        <source>Give the labels of these samples.</source>
        <translation>请给出这些样本的标签。</translation>
    </message>
</context>
<context>
    <name>ExportPurpose</name>
    <message>
        <source>the quantized network for ONNX Runtime and TensorRT</source>
        <translation>量化模型（QDQ），供 ONNX Runtime 和 TensorRT 使用</translation>
    </message>
    <message>
        <source>the network as it was, in float</source>
        <translation>原浮点网络</translation>
    </message>
    <message>
        <source>the quantized network for accuracy simulation in float (structure)</source>
        <translation>精度仿真模型（结构），以浮点运行</translation>
    </message>
    <message>
        <source>the quantized network for accuracy simulation in float (weights)</source>
        <translation>精度仿真模型（权重），以浮点运行</translation>
    </message>
    <message>
        <source>the network for the chip&apos;s compiler (structure)</source>
        <translation>部署模型（结构），供芯片编译器使用</translation>
    </message>
    <message>
        <source>the network for the chip&apos;s compiler (int8 weights, int32 biases)</source>
        <translation>部署模型（int8 权重、int32 偏置），供芯片编译器使用</translation>
    </message>
    <message>
        <source>which original layer became which quantized one, for accuracy comparison (our own schema)</source>
        <translation>原始层与量化层的对应关系，用于精度比对（自有格式）</translation>
    </message>
    <message>
        <source>quantization parameters for ATC, text</source>
        <translation>供 ATC 使用的量化参数，文本</translation>
    </message>
    <message>
        <source>quantization parameters for ATC, binary</source>
        <translation>供 ATC 使用的量化参数，二进制</translation>
    </message>
    <message>
        <source>quantization factors, as AMCT&apos;s record; --record reads it</source>
        <translation>量化因子，AMCT 的 record 格式；可由 --record 读取</translation>
    </message>
    <message>
        <source>quantization factors of the weights before fusion, as AMCT&apos;s record</source>
        <translation>融合前权重的量化因子（AMCT 记录文件）</translation>
    </message>
    <message>
        <source>refreshed BatchNorm statistics of one layer</source>
        <translation>单层更新后的 BatchNorm 统计量</translation>
    </message>
    <message>
        <source>the configuration, as AMCT&apos;s config.json</source>
        <translation>量化配置，AMCT 的 config.json</translation>
    </message>
</context>
<context>
    <name>GraphBlock</name>
    <message>
        <source>%1 layers</source>
        <translation>%1 层</translation>
    </message>
    <message>
        <source>%1 not run</source>
        <translation>%1 层未运行</translation>
    </message>
    <message>
        <source>mixed bits</source>
        <translation>位宽不一</translation>
    </message>
    <message>
        <source>module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>repeated</source>
        <translation>重复结构</translation>
    </message>
    <message>
        <source>stretch</source>
        <translation>分段</translation>
    </message>
</context>
<context>
    <name>LayerPattern</name>
    <message>
        <source>A part of the name or type; type:Conv* the type alone; features.*.conv a pattern of the whole name</source>
        <translation>名称或类型的一部分；type:Conv* 只看类型；features.*.conv 为整个名称的模式</translation>
    </message>
</context>
<context>
    <name>Help</name>
    <message>
        <source>weights and data</source>
        <translation>权重和数据</translation>
    </message>
    <message>
        <source>data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>data, off by default</source>
        <translation>数据，默认不量化</translation>
    </message>
    <message>
        <source>no</source>
        <translation>不量化</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>可运行</translation>
    </message>
    <message>
        <source>drawn, not run</source>
        <translation>仅显示，不运行</translation>
    </message>
    <message>
        <source>becomes an input</source>
        <translation>作为输入</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>忽略</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>含义</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Layer types</source>
        <translation>层类型</translation>
    </message>
    <message>
        <source>Search types, parameters and sources</source>
        <translation>搜索类型、参数和来源</translation>
    </message>
    <message>
        <source>%1&apos;s parameters</source>
        <translation>%1 参数说明</translation>
    </message>
    <message>
        <source>Those of one layer stand in the inspector, each with its help.</source>
        <translation>单层的参数在“属性”面板中，每项旁边都有说明。</translation>
    </message>
    <message>
        <source>Definitions</source>
        <translation>定义</translation>
    </message>
    <message>
        <source>x is a layer&apos;s float output, y the quantized one, over the whole evaluation set.</source>
        <translation>x 为某层的浮点输出，y 为量化输出，统计整个评估集。</translation>
    </message>
    <message>
        <source>Local error</source>
        <translation>单层误差</translation>
    </message>
    <message>
        <source>Cumulative error</source>
        <translation>累积误差</translation>
    </message>
    <message>
        <source>Requested and effective</source>
        <translation>请求值与生效值</translation>
    </message>
    <message>
        <source>Requested is what the configuration says, effective what really happens; where they differ, the reason stands beside it.</source>
        <translation>请求值是配置所写，生效值是实际执行；两者不同时旁边注明原因。</translation>
    </message>
    <message>
        <source>See what quantization does to a network, layer by layer.</source>
        <translation>逐层查看量化对网络的影响。</translation>
    </message>
    <message>
        <source>The engine is not open yet.</source>
        <translation>计算引擎尚未打开。</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
</context>
<context>
    <name>LayerState</name>
    <message>
        <source>not run</source>
        <translation>未运行</translation>
    </message>
    <message>
        <source>fused</source>
        <translation>已融合</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>requested</source>
        <translation>请求值</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
</context>
<context>
    <name>LogPanel</name>
    <message>
        <source>What the program did and what went wrong.</source>
        <translation>程序做了什么，出了什么问题。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Size of an input</source>
        <translation>输入的尺寸</translation>
    </message>
    <message>
        <source>The network leaves the size of its input %1 open. Batch, channels, height, width:</source>
        <translation>网络未给定输入 %1 的尺寸。批、通道、高、宽：</translation>
    </message>
    <message>
        <source>%1 is not a shape such as 1x3x224x224</source>
        <translation>%1 不是形如 1x3x224x224 的形状</translation>
    </message>
    <message>
        <source>Networks and projects (%1)</source>
        <translation>网络与工程 (%1)</translation>
    </message>
    <message>
        <source>Projects (%1)</source>
        <translation>工程 (%1)</translation>
    </message>
    <message>
        <source>All files (%1)</source>
        <translation>所有文件 (%1)</translation>
    </message>
    <message>
        <source>branch %1</source>
        <translation>分支 %1</translation>
    </message>
    <message>
        <source>&amp;Threads…</source>
        <translation>线程(&amp;T)…</translation>
    </message>
    <message>
        <source>How many processors the engine may use</source>
        <translation>计算引擎可以使用多少个处理器</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Processors that the engine may use (this machine has %1):</source>
        <translation>计算引擎可以使用的处理器数（本机共 %1 个）：</translation>
    </message>
    <message>
        <source>Locate…</source>
        <translation>定位…</translation>
    </message>
    <message>
        <source>Where is %1?</source>
        <translation>%1 在哪里？</translation>
    </message>
    <message>
        <source>This network has no weights: none or several files beside it may be meant. Layers with weights are not run.</source>
        <translation>此网络没有权重：旁边没有合适的文件，或有多个文件可选。带权重的层不会运行。</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Weights of %1</source>
        <translation>%1 的权重</translation>
    </message>
</context>
<context>
    <name>Manual</name>
    <message>
        <source>en</source>
        <translation>zh_CN</translation>
    </message>
</context>
<context>
    <name>Metric</name>
    <message>
        <source>Cosine similarity</source>
        <translation>余弦相似度</translation>
    </message>
    <message>
        <source>Cosine of the worst sample</source>
        <translation>最差样本的余弦相似度</translation>
    </message>
    <message>
        <source>SQNR (dB)</source>
        <translation>SQNR (dB)</translation>
    </message>
    <message>
        <source>Mean squared error</source>
        <translation>均方误差</translation>
    </message>
    <message>
        <source>Largest absolute error</source>
        <translation>最大绝对误差</translation>
    </message>
    <message>
        <source>Relative L2 error</source>
        <translation>相对 L2 误差</translation>
    </message>
    <message>
        <source>1 − cosine</source>
        <translation>1 − 余弦</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>余弦</translation>
    </message>
</context>
<context>
    <name>MetricDefinition</name>
    <message>
        <source>x.y / (|x| |y|), x the float and y the quantized output of the layer; 1 when both are zero, 0 when one is; mean over the samples</source>
        <translation>x.y / (|x| |y|)，x 为该层浮点输出，y 为量化输出；同为零时取 1，仅一个为零时取 0；对样本取平均</translation>
    </message>
    <message>
        <source>the cosine of the worst sample</source>
        <translation>最差样本的余弦相似度</translation>
    </message>
    <message>
        <source>10 log10(sum x^2 / sum (y-x)^2) in dB over all samples; infinite when they are equal</source>
        <translation>10 log10(Σx² / Σ(y-x)²)，单位 dB，统计所有样本；相等时为无穷大</translation>
    </message>
    <message>
        <source>mean of (y-x)^2 over all values of all samples</source>
        <translation>所有样本所有值的 (y-x)² 的平均</translation>
    </message>
    <message>
        <source>largest |y-x| of all values of all samples</source>
        <translation>所有样本所有值中最大的 |y-x|</translation>
    </message>
    <message>
        <source>|y-x| / |x| over all samples</source>
        <translation>所有样本的 |y-x| / |x|</translation>
    </message>
    <message>
        <source>only this layer is quantized, its inputs are the float ones</source>
        <translation>仅量化该层，其输入为浮点</translation>
    </message>
    <message>
        <source>the whole configuration is applied up to this layer</source>
        <translation>到该层为止应用整个配置</translation>
    </message>
</context>
<context>
    <name>Note</name>
    <message>
        <source>skip_fusion_layers has no effect: do_fusion is false</source>
        <translation>skip_fusion_layers 不起作用：do_fusion 为 false</translation>
    </message>
    <message>
        <source>skip_fusion_layers names &apos;%1&apos;, which would not be fused anyway</source>
        <translation>skip_fusion_layers 中的 &apos;%1&apos; 本来就不会被融合</translation>
    </message>
    <message>
        <source>layer &apos;%1&apos; asks for more than 100000 search iterations (search_range / search_step): that takes long</source>
        <translation>层 &apos;%1&apos; 的搜索次数超过 100000（search_range / search_step）：耗时会很长</translation>
    </message>
    <message>
        <source>update_bn takes %1 samples (bn_update_iterations times batch %2), there are %3: behind the last one it starts again from the first</source>
        <translation>update_bn 需要 %1 个样本（bn_update_iterations 乘以 batch %2），只有 %3 个：用完后从头开始</translation>
    </message>
    <message>
        <source>update_bn has no effect: the network has no BatchNorm</source>
        <translation>update_bn 不起作用：网络中没有 BatchNorm</translation>
    </message>
    <message>
        <source>joint_quant is kept in the file and has no effect: the manual does not say what it does</source>
        <translation>joint_quant 保留在文件中，不起作用：手册没有说明其含义</translation>
    </message>
    <message>
        <source>layer &apos;%1&apos; is the first with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there</source>
        <translation>层 &apos;%1&apos; 是第一个带权重的层：手册建议保持 arq_quantize，4 比特在此处精度损失较大</translation>
    </message>
    <message>
        <source>layer &apos;%1&apos; is the last with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there</source>
        <translation>层 &apos;%1&apos; 是最后一个带权重的层：手册建议保持 arq_quantize，4 比特在此处精度损失较大</translation>
    </message>
</context>
<context>
    <name>OpFamily</name>
    <message>
        <source>input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>convolution</source>
        <translation>卷积</translation>
    </message>
    <message>
        <source>dense</source>
        <translation>全连接</translation>
    </message>
    <message>
        <source>pooling</source>
        <translation>池化</translation>
    </message>
    <message>
        <source>activation</source>
        <translation>激活</translation>
    </message>
    <message>
        <source>normalization</source>
        <translation>归一化</translation>
    </message>
    <message>
        <source>elementwise</source>
        <translation>逐元素</translation>
    </message>
    <message>
        <source>layout</source>
        <translation>形状变换</translation>
    </message>
    <message>
        <source>detection</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>other</source>
        <translation>其他</translation>
    </message>
</context>
<context>
    <name>Overlay</name>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>SQNR</source>
        <translation>SQNR</translation>
    </message>
    <message>
        <source>bit width</source>
        <translation>位宽</translation>
    </message>
    <message>
        <source>type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>Δcos %1</source>
        <translation>Δcos %1</translation>
    </message>
    <message>
        <source>against the branch</source>
        <translation>与对比分支之差</translation>
    </message>
    <message>
        <source>worse by 0.01</source>
        <translation>变差 0.01</translation>
    </message>
    <message>
        <source>alike</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>better by 0.01</source>
        <translation>变好 0.01</translation>
    </message>
    <message>
        <source>Colour: how large it is beside the error with everything quantized</source>
        <translation>颜色：该误差占全部量化时误差的比例</translation>
    </message>
    <message>
        <source>Colour: which part of the error with everything quantized is gone then</source>
        <translation>颜色：全部量化时的误差因此消去的比例</translation>
    </message>
    <message>
        <source>not measured yet: calibrate (F5), then F8</source>
        <translation>尚未测量：先校准（F5），再按 F8</translation>
    </message>
    <message>
        <source>stale: F8 measures again</source>
        <translation>已过期：按 F8 重新测量</translation>
    </message>
    <message>
        <source>% of the output&apos;s error, alone</source>
        <translation>% 输出误差，仅由该层造成</translation>
    </message>
    <message>
        <source>% of the output&apos;s error, gone in float</source>
        <translation>% 输出误差，该层浮点时消去</translation>
    </message>
    <message>
        <source>1−cos %1 · %2</source>
        <translation>1−余弦 %1 · %2</translation>
    </message>
    <message>
        <source>cumulative similarity</source>
        <translation>累积相似度</translation>
    </message>
    <message>
        <source>local similarity</source>
        <translation>单层相似度</translation>
    </message>
</context>
<context>
    <name>Parameter</name>
    <message>
        <source>Version of the configuration file. There is only version 1.</source>
        <translation>量化配置文件版本号。目前仅有一个版本号 1。</translation>
    </message>
    <message>
        <source>How many batches of data the calibration uses; batch_num times the batch size is the number of pictures. The manual advises 16 or 32 pictures, and not more than 50.</source>
        <translation>数据量化使用多少个 batch 的数据；batch_num 乘以 batch_size 为校准集图片数量。手册建议 16 或 32 张，不超过 50 张。</translation>
    </message>
    <message>
        <source>Whether data are quantized asymmetrically (true, with an offset) or symmetrically (false).</source>
        <translation>数据量化是非对称量化（true，带 offset）还是对称量化（false）。</translation>
    </message>
    <message>
        <source>Whether BatchNorm, Scale and Bias are folded into the layer before them.</source>
        <translation>是否开启融合功能：把 BatchNorm、Scale、Bias 融合到前一层。</translation>
    </message>
    <message>
        <source>Names of layers that are not fused.</source>
        <translation>不需要做融合的层的层名。</translation>
    </message>
    <message>
        <source>Whether the mean and variance of BatchNorm layers are taken anew after the weights have been quantized.</source>
        <translation>权重量化后是否更新 BN 层中的统计参数（均值和方差）。</translation>
    </message>
    <message>
        <source>How BatchNorm layers are updated; it has an effect only when update_bn is true.</source>
        <translation>BN 更新的参数；仅当 update_bn 为 true 时起作用。</translation>
    </message>
    <message>
        <source>How much of the old statistics stays in each iteration, for BatchNorm layers that have no moving_average_fraction of their own. The smaller it is, the fewer iterations are needed.</source>
        <translation>BN 更新的滑动学习率，用于没有配置 moving_average_fraction 的 BN 层。配置得越小，需要迭代的次数越少。</translation>
    </message>
    <message>
        <source>After how many forward passes the updated statistics are saved.</source>
        <translation>BN 更新的迭代次数：forward 达到该次数后保存更新后的统计参数。</translation>
    </message>
    <message>
        <source>Folder into which the updated statistics are written before they go back into the weights.</source>
        <translation>BN 更新后权重数据的保存路径，之后同步刷新回权重文件。</translation>
    </message>
    <message>
        <source>The setting of one layer, under the layer&apos;s name. A layer that is not listed is not quantized.</source>
        <translation>某个网络层的量化配置，以层名为键。未列出的层不量化。</translation>
    </message>
    <message>
        <source>Whether this layer is quantized.</source>
        <translation>是否量化该层。</translation>
    </message>
    <message>
        <source>How the layer&apos;s input data are quantized: one object for all inputs, or a list with one for each.</source>
        <translation>该层数据量化的参数：一个对象用于所有输入，或用列表为每个输入单独配置。</translation>
    </message>
    <message>
        <source>How the layer&apos;s weights are quantized.</source>
        <translation>该层权重量化的参数。</translation>
    </message>
    <message>
        <source>Which of the values, sorted from large to small, is the first upper limit: 1 takes the largest. The larger it is, the closer the upper limit is to the maximum.</source>
        <translation>最大值搜索位置：在从大到小排序的数中取第多少大的数，1 表示取最大的数。该值越大，截断的上边界越接近最大值。</translation>
    </message>
    <message>
        <source>Which of the values, sorted from small to large, is the lower limit: 1 takes the smallest. The larger it is, the closer the lower limit is to the minimum.</source>
        <translation>最小值搜索位置：在从小到大排序的数中取第多少小的数，1 表示取最小的数。该值越大，截断的下边界越接近最小值。</translation>
    </message>
    <message>
        <source>From which to which multiple of the first upper limit the best upper limit is searched.</source>
        <translation>量化因子的搜索范围：截断的上边界在初始上边界的多少倍之间浮动。</translation>
    </message>
    <message>
        <source>Step of that search. The smaller it is, the finer and the slower: (end - start) / step limits are tried.</source>
        <translation>量化因子的搜索步长。值越小，搜索越细也越慢：搜索次数为 (end - start) / step。</translation>
    </message>
    <message>
        <source>Bit width of the quantized data. Above 8 the factors are computed for that width and the data are stored in 16 bits; 16 itself easily overflows on the chip.</source>
        <translation>数据量化位宽。大于 8 时按配置的位宽计算量化因子，部署时以 16bit 存储；直接使用 16 容易在芯片上溢出。</translation>
    </message>
    <message>
        <source>Whether this layer&apos;s data are quantized with an offset. Left out, the whole network&apos;s activation_offset holds.</source>
        <translation>该层数据量化是否带 offset。不配置时取全局配置 activation_offset 的值。</translation>
    </message>
    <message>
        <source>The weight quantization algorithm: arq_quantize is uniform, snq_quantize is non-uniform.</source>
        <translation>权重量化算法：arq_quantize 为均匀量化，snq_quantize 为非均匀量化。</translation>
    </message>
    <message>
        <source>Whether each output channel has a quantization factor of its own. InnerProduct has no channels: only false is allowed.</source>
        <translation>是否对每个 channel 采用不同的量化因子。InnerProduct 没有 channel，仅支持 false。</translation>
    </message>
    <message>
        <source>Bit width of the weights: 8 for uniform, 4 for non-uniform quantization.</source>
        <translation>权重量化位宽：均匀量化为 8，非均匀量化为 4。</translation>
    </message>
    <message>
        <source>How many iterations non-uniform quantization makes at most. More may be more accurate and take longer.</source>
        <translation>非均匀量化的最大迭代次数。次数越多精度可能越高，耗时也越长。</translation>
    </message>
    <message>
        <source>Non-uniform quantization ends when its centres move less than this. The smaller it is, the more iterations are made.</source>
        <translation>非均匀量化迭代的终止条件：聚类中心的移动小于该值即终止。数字越小迭代次数越多。</translation>
    </message>
    <message>
        <source>How the first cluster centres of non-uniform quantization are chosen: evenly (uniform), after a normal distribution (gaussian), or as k-means++ does (d2sampling).</source>
        <translation>非均匀量化聚类中心的初始化方法：均匀分布（uniform）、高斯分布（gaussian）或 k-means++（d2sampling）。</translation>
    </message>
    <message>
        <source>names of layers that can be fused</source>
        <translation>可融合层的层名</translation>
    </message>
    <message>
        <source>false for uniform, true for non-uniform quantization</source>
        <translation>均匀量化推荐 false，非均匀量化推荐 true</translation>
    </message>
    <message>
        <source>8 or 12</source>
        <translation>8 或者 12</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>不配置</translation>
    </message>
    <message>
        <source>{8} for arq_quantize, {4} for snq_quantize</source>
        <translation>arq_quantize：{8}，snq_quantize：{4}</translation>
    </message>
    <message>
        <source>Range: %1</source>
        <translation>取值范围：%1</translation>
    </message>
    <message>
        <source>Default: %1</source>
        <translation>默认值：%1</translation>
    </message>
    <message>
        <source>Recommended: %1</source>
        <translation>推荐配置：%1</translation>
    </message>
    <message>
        <source>What is this?</source>
        <translation>这是什么？</translation>
    </message>
    <message>
        <source>The upper limit in a range around a percentile that quantizes the values seen with the least error.</source>
        <translation>在分位数附近的范围内搜索，使量化误差最小的截断上限。</translation>
    </message>
    <message>
        <source>The smallest and the largest value seen.</source>
        <translation>出现过的最小值和最大值。</translation>
    </message>
    <message>
        <source>The two percentiles; what lies beyond is clipped.</source>
        <translation>两端的分位数；超出的部分被截断。</translation>
    </message>
    <message>
        <source>The limit that keeps most of the distribution&apos;s information: the least Kullback-Leibler divergence of 2,048 bins.</source>
        <translation>保留分布信息最多的截断值：2048 个直方图区间上 KL 散度最小。</translation>
    </message>
    <message>
        <source>The two limits that quantize the values seen with the least squared error.</source>
        <translation>使量化均方误差最小的两个截断值。</translation>
    </message>
</context>
<context>
    <name>Progress</name>
    <message>
        <source>calibrating %1 of %2</source>
        <translation>校准 %1 / %2</translation>
    </message>
    <message>
        <source>updating BatchNorm %1 of %2</source>
        <translation>正在更新 BatchNorm：%1 / %2</translation>
    </message>
    <message>
        <source>running in integers %1 of %2</source>
        <translation>正在以整数推理：%1 / %2</translation>
    </message>
    <message>
        <source>comparing %1 of %2</source>
        <translation>比较 %1 / %2</translation>
    </message>
    <message>
        <source>evaluating %1 of %2</source>
        <translation>评估 %1 / %2</translation>
    </message>
    <message>
        <source>preparing</source>
        <translation>准备</translation>
    </message>
    <message>
        <source>looking at inputs %1 of %2</source>
        <translation>统计输入 %1/%2</translation>
    </message>
    <message>
        <source>rounding weights %1 of %2</source>
        <translation>权重取整 %1/%2</translation>
    </message>
    <message>
        <source>correcting bias %1 of %2</source>
        <translation>偏置校正 %1/%2</translation>
    </message>
    <message>
        <source>sensitivity, sample %1 of %2</source>
        <translation>敏感度，第 %1/%2 个样本</translation>
    </message>
    <message>
        <source>float outputs, sample %1 of %2</source>
        <translation>浮点输出，第 %1/%2 个样本</translation>
    </message>
    <message>
        <source>%1 settings tried, best cosine %2</source>
        <translation>已试 %1 组设置，最佳余弦 %2</translation>
    </message>
    <message>
        <source>the settings as they are</source>
        <translation>当前设置</translation>
    </message>
    <message>
        <source>the settings on %1 samples</source>
        <translation>当前设置，%1 个样本</translation>
    </message>
    <message>
        <source>the settings on sample %1 of %2</source>
        <translation>当前设置，第 %1/%2 个样本</translation>
    </message>
    <message>
        <source>the output on %1 samples</source>
        <translation>%1 个样本上的输出</translation>
    </message>
    <message>
        <source>diagnosing %1 of %2</source>
        <translation>诊断，第 %1/%2 个样本</translation>
    </message>
    <message>
        <source>remedy %1 of %2</source>
        <translation>补救办法 %1/%2</translation>
    </message>
</context>
<context>
    <name>Reason</name>
    <message>
        <source>off by default for the type %1</source>
        <translation>类型 %1 默认不量化</translation>
    </message>
    <message>
        <source>switched off</source>
        <translation>已关闭量化</translation>
    </message>
    <message>
        <source>fused into %1</source>
        <translation>已融合到 %1</translation>
    </message>
    <message>
        <source>not listed in the configuration</source>
        <translation>配置中未列出</translation>
    </message>
    <message>
        <source>this type cannot be quantized</source>
        <translation>该类型不可量化</translation>
    </message>
    <message>
        <source>not run</source>
        <translation>未运行</translation>
    </message>
    <message>
        <source>no quantization factors yet: calibrate</source>
        <translation>尚无量化因子：请校准</translation>
    </message>
    <message>
        <source>calibration found an illegal scale</source>
        <translation>校准得到的 scale 不合法</translation>
    </message>
    <message>
        <source>not equalized: no convolution or inner product alone reads it through at most a ReLU</source>
        <translation>未做跨层均衡：后面没有只经过至多一个 ReLU 且独自读取它的卷积或全连接层</translation>
    </message>
    <message>
        <source>no AdaRound: it takes uniform weights of a convolution or inner product of bounded size</source>
        <translation>未用 AdaRound：它只用于卷积或全连接层的均匀量化权重，且大小有限</translation>
    </message>
    <message>
        <source>bias not corrected: only those of convolutions and inner products are</source>
        <translation>未做偏置校正：只校正卷积和全连接层的偏置</translation>
    </message>
    <message>
        <source>scale_w raised, so that the bias fits into int32: channel %1</source>
        <translation>scale_w 已增大，使偏置可用 int32 表示：通道 %1</translation>
    </message>
</context>
<context>
    <name>Refinement</name>
    <message>
        <source>Cross-layer equalization</source>
        <translation>跨层均衡</translation>
    </message>
    <message>
        <source>Scales each channel so that its weights here and in the layer behind have the same range; the network computes the same. Only for a layer that one convolution or inner product reads, through at most a ReLU. Needs another calibration. (Nagel et al., Data-Free Quantization, 2019)</source>
        <translation>缩放每个通道，使本层与后一层的权重范围相同；网络的计算结果不变。只用于仅被一个卷积或全连接层读取、中间至多一个 ReLU 的层。需要重新校准。（Nagel 等，Data-Free Quantization，2019）</translation>
    </message>
    <message>
        <source>AdaRound</source>
        <translation>AdaRound 自适应取整</translation>
    </message>
    <message>
        <source>Learns on the calibration data which weights to round up and which down, so that the layer&apos;s output is nearest to the float one. Only for uniform weights. Needs another calibration. (Nagel et al., Up or Down?, 2020)</source>
        <translation>在校准数据上学习每个权重向上还是向下取整，使该层输出最接近浮点输出。只用于均匀量化的权重。需要重新校准。（Nagel 等，Up or Down?，2020）</translation>
    </message>
    <message>
        <source>Bias correction</source>
        <translation>偏置校正</translation>
    </message>
    <message>
        <source>Takes the mean error of each output channel over the calibration data out of the bias. Needs another calibration. (Nagel et al., Data-Free Quantization, 2019)</source>
        <translation>从偏置中减去每个输出通道在校准数据上的平均误差。需要重新校准。（Nagel 等，Data-Free Quantization，2019）</translation>
    </message>
    <message>
        <source>Min-max</source>
        <translation>最小最大值</translation>
    </message>
    <message>
        <source>Percentile</source>
        <translation>分位数</translation>
    </message>
    <message>
        <source>Entropy (KL)</source>
        <translation>熵（KL 散度）</translation>
    </message>
    <message>
        <source>Squared error (MSE)</source>
        <translation>均方误差（MSE）</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Quantization report</source>
        <translation>量化报告</translation>
    </message>
    <message>
        <source>branch %1</source>
        <translation>分支 %1</translation>
    </message>
    <message>
        <source>layers quantized</source>
        <translation>量化的层</translation>
    </message>
    <message>
        <source>agreement with float</source>
        <translation>与浮点的一致率</translation>
    </message>
    <message>
        <source>top-1, float and quantized</source>
        <translation>top-1，浮点与量化</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>结构</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Multiply-accumulates</source>
        <translation>乘加次数</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Calibration batches</source>
        <translation>校准批次</translation>
    </message>
    <message>
        <source>Activations with offset</source>
        <translation>数据量化带偏移</translation>
    </message>
    <message>
        <source>BatchNorm fused</source>
        <translation>融合 BatchNorm</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
    <message>
        <source>All other settings are the defaults of create_quant_config.</source>
        <translation>其余设置均为 create_quant_config 的默认值。</translation>
    </message>
    <message>
        <source>What is set otherwise than the defaults of create_quant_config:</source>
        <translation>与 create_quant_config 默认值不同的设置：</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>设置值</translation>
    </message>
    <message>
        <source>(network)</source>
        <translation>（网络）</translation>
    </message>
    <message>
        <source>not set</source>
        <translation>未设置</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Calibrated on</source>
        <translation>校准集</translation>
    </message>
    <message>
        <source>the first %1 samples</source>
        <translation>前 %1 个样本</translation>
    </message>
    <message>
        <source>Preprocessing</source>
        <translation>预处理</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>SQNR (dB)</source>
        <translation>SQNR (dB)</translation>
    </message>
    <message>
        <source>Float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>Quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Top-1 (%)</source>
        <translation>Top-1 (%)</translation>
    </message>
    <message>
        <source>Top-5 (%)</source>
        <translation>Top-5 (%)</translation>
    </message>
    <message>
        <source>Agreement (%)</source>
        <translation>一致率 (%)</translation>
    </message>
    <message>
        <source>Not compared: there are no errors to show. Compare first.</source>
        <translation>尚未比较：没有误差可显示。请先比较。</translation>
    </message>
    <message>
        <source>Error of every layer</source>
        <translation>各层误差</translation>
    </message>
    <message>
        <source>cumulative cosine</source>
        <translation>累积余弦相似度</translation>
    </message>
    <message>
        <source>local cosine</source>
        <translation>单层余弦相似度</translation>
    </message>
    <message>
        <source>Worst layers</source>
        <translation>最差的层</translation>
    </message>
    <message>
        <source>The quantized layers whose own error is largest, with the values at their first input; dashed: the limits of the quantized range.</source>
        <translation>单层误差最大的量化层及其第一个输入的数值分布；虚线：量化范围的截断上下限。</translation>
    </message>
    <message>
        <source>%1 % of the values are outside the limits</source>
        <translation>%1 % 的数值超出截断上下限</translation>
    </message>
    <message>
        <source>Every layer</source>
        <translation>所有层</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Requested</source>
        <translation>请求值</translation>
    </message>
    <message>
        <source>Effective</source>
        <translation>生效值</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>单层</translation>
    </message>
    <message>
        <source>Cumulative</source>
        <translation>累积</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>not listed</source>
        <translation>未列出</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>limits by hand</source>
        <translation>手工截断上下限</translation>
    </message>
    <message>
        <source>What was searched</source>
        <translation>搜索过程</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>代价</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Definitions</source>
        <translation>定义</translation>
    </message>
    <message>
        <source>x is the float output of a layer, y the quantized one, n = y - x; over all samples.</source>
        <translation>x 为层的浮点输出，y 为量化输出，n = y - x；对所有样本统计。</translation>
    </message>
    <message>
        <source>local: only this layer is quantized, its inputs are float. cumulative: the whole configuration up to here.</source>
        <translation>单层：仅量化该层，其输入为浮点。累积：到该层为止的全部配置。</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>%1 takes this network as it is.</source>
        <translation>%1 可直接使用此网络。</translation>
    </message>
    <message>
        <source>What the rules of %1 say:</source>
        <translation>%1 的规则检查结果：</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>严重程度</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>对策</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Rests on fewer samples than the sections above: causes on the calibration&apos;s, remedies on some spread over the data.</source>
        <translation>所用样本少于以上各节：原因取自校准样本，补救办法取自数据中均匀分布的若干样本。</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What helps</source>
        <translation>补救办法</translation>
    </message>
    <message>
        <source>Layer then</source>
        <translation>该层之后</translation>
    </message>
    <message>
        <source>Output now</source>
        <translation>输出现状</translation>
    </message>
    <message>
        <source>Output then</source>
        <translation>输出之后</translation>
    </message>
    <message>
        <source>no cause that is known</source>
        <translation>没有已知的原因</translation>
    </message>
    <message>
        <source>not tried</source>
        <translation>未试</translation>
    </message>
    <message>
        <source>mAP, float as reference (%)</source>
        <translation>以浮点为参考的 mAP（%）</translation>
    </message>
    <message>
        <source>Pixels of the float class (%)</source>
        <translation>与浮点类别相同的像素（%）</translation>
    </message>
    <message>
        <source>Samples with the same neighbour (%)</source>
        <translation>最近邻相同的样本（%）</translation>
    </message>
    <message>
        <source>mAP against labels, IoU 0.5 (%)</source>
        <translation>相对标签的 mAP，IoU 0.5（%）</translation>
    </message>
    <message>
        <source>mAP against labels, IoU 0.5 to 0.95 (%)</source>
        <translation>相对标签的 mAP，IoU 0.5 至 0.95（%）</translation>
    </message>
    <message>
        <source>%1 of the output</source>
        <translation>输出的%1</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>1 − cosine</source>
        <translation>1 − 余弦</translation>
    </message>
    <message>
        <source>Worst sample, %1</source>
        <translation>最差样本，%1</translation>
    </message>
    <message>
        <source>%1: local %2, cumulative %3</source>
        <translation>%1：单层 %2，累积 %3</translation>
    </message>
    <message>
        <source>Local and cumulative: %1. A bar is empty at a cosine of 1-1e-6 or better, and full at 0.</source>
        <translation>单层与累积列为%1。余弦不低于 1-1e-6 时条为空，为 0 时条满。</translation>
    </message>
    <message>
        <source>Why these layers break, and the best of the remedies that were tried: the layer&apos;s %1, and the output&apos;s before and after.</source>
        <translation>这些层为何失效，以及试过的补救办法中最好的一个：该层的%1，以及输出在应用前后的值。</translation>
    </message>
</context>
<context>
    <name>Scopes</name>
    <message>
        <source>one quantized</source>
        <translation>仅量化该层</translation>
    </message>
    <message>
        <source>one float</source>
        <translation>仅该层浮点</translation>
    </message>
    <message>
        <source>local</source>
        <translation>单层误差</translation>
    </message>
    <message>
        <source>cumulative</source>
        <translation>累积误差</translation>
    </message>
    <message>
        <source>error of the layer&apos;s output, only this layer quantized, its inputs float</source>
        <translation>该层输出的误差：仅量化该层，其输入为浮点</translation>
    </message>
    <message>
        <source>error of the network&apos;s output, only this layer quantized</source>
        <translation>仅量化该层时网络输出的误差</translation>
    </message>
    <message>
        <source>error of the network&apos;s output, everything quantized but this layer</source>
        <translation>除该层外全部量化时网络输出的误差</translation>
    </message>
    <message>
        <source>error of the layer&apos;s output, the whole configuration up to here</source>
        <translation>该层输出的误差：到此为止的全部配置</translation>
    </message>
    <message>
        <source>error of the network&apos;s output, only this layer quantized, to first order: the gradient times the layer&apos;s quantization errors, from one backward pass a sample over the outputs&apos; projection on random signs</source>
        <translation>只量化该层时网络输出误差的一阶预测：梯度乘以该层的量化误差，每个样本对输出在随机符号向量上的投影做一次反向传播</translation>
    </message>
    <message>
        <source>the same with the products squared one by one, as if the errors of single values were independent</source>
        <translation>同上，但各乘积逐项平方后求和，即假定各个值的误差相互独立</translation>
    </message>
    <message>
        <source>predicted</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>predicted, squared</source>
        <translation>预测（平方）</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Quantize this layer</source>
        <translation>量化该层</translation>
    </message>
    <message>
        <source>as the network</source>
        <translation>同全网</translation>
    </message>
    <message>
        <source>with offset</source>
        <translation>带偏移</translation>
    </message>
    <message>
        <source>without offset</source>
        <translation>不带偏移</translation>
    </message>
    <message>
        <source>Bit width</source>
        <translation>位宽</translation>
    </message>
    <message>
        <source>Offset</source>
        <translation>偏移</translation>
    </message>
    <message>
        <source>Max percentile</source>
        <translation>最大值搜索位置</translation>
    </message>
    <message>
        <source>Min percentile</source>
        <translation>最小值搜索位置</translation>
    </message>
    <message>
        <source>Search range</source>
        <translation>搜索范围</translation>
    </message>
    <message>
        <source>Search step</source>
        <translation>搜索步长</translation>
    </message>
    <message>
        <source>Limits by hand</source>
        <translation>手动上下限</translation>
    </message>
    <message>
        <source>Clip limits instead of the calibrated ones; also set by dragging in the distribution. Not part of config.json, but of the record</source>
        <translation>代替校准结果的截断上下限；也可在分布图中拖动设置。不写入 config.json，而写入记录文件</translation>
    </message>
    <message>
        <source>Lower clip limit, at most 0</source>
        <translation>截断下限，不大于 0</translation>
    </message>
    <message>
        <source>Upper clip limit, at least 0</source>
        <translation>截断上限，不小于 0</translation>
    </message>
    <message>
        <source>ARQ (uniform)</source>
        <translation>ARQ（均匀）</translation>
    </message>
    <message>
        <source>SNQ (non-uniform)</source>
        <translation>SNQ（非均匀）</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation>算法</translation>
    </message>
    <message>
        <source>per channel</source>
        <translation>通道独立</translation>
    </message>
    <message>
        <source>Scales</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>Iterations</source>
        <translation>迭代次数</translation>
    </message>
    <message>
        <source>Min distance</source>
        <translation>最小距离</translation>
    </message>
    <message>
        <source>First centres</source>
        <translation>初始中心</translation>
    </message>
    <message>
        <source>how the limits are chosen</source>
        <translation>截断值如何选取</translation>
    </message>
    <message>
        <source>Limits by</source>
        <translation>截断值算法</translation>
    </message>
    <message>
        <source>mixed</source>
        <translation>不一致</translation>
    </message>
    <message>
        <source>off keeps the layer in float</source>
        <translation>关闭则该层保持浮点</translation>
    </message>
    <message>
        <source>asymmetric (zero point) or symmetric; by default as activation_offset of the whole configuration</source>
        <translation>非对称（零点）或对称；默认同整个配置的 activation_offset</translation>
    </message>
    <message>
        <source>share of values below the first upper limit</source>
        <translation>低于初始上限的值的比例</translation>
    </message>
    <message>
        <source>share of values above the first lower limit</source>
        <translation>高于初始下限的值的比例</translation>
    </message>
    <message>
        <source>from this factor of the first limits; above 0 and below the end</source>
        <translation>搜索起点（初始上下限的倍数）；大于 0 且小于终点</translation>
    </message>
    <message>
        <source>to this factor; above the start</source>
        <translation>搜索终点；大于起点</translation>
    </message>
    <message>
        <source>at most end minus start</source>
        <translation>不超过终点减起点</translation>
    </message>
    <message>
        <source>how weights are quantized</source>
        <translation>权重量化方式</translation>
    </message>
    <message>
        <source>8 for ARQ, 4 for SNQ</source>
        <translation>ARQ 为 8，SNQ 为 4</translation>
    </message>
    <message>
        <source>one scale for each output channel</source>
        <translation>每个输出通道一个缩放因子</translation>
    </message>
    <message>
        <source>the clustering ends below it</source>
        <translation>低于该值时聚类结束</translation>
    </message>
    <message>
        <source>the first cluster centres</source>
        <translation>初始聚类中心</translation>
    </message>
    <message>
        <source>bit width of the quantized input</source>
        <translation>量化输入的位宽</translation>
    </message>
    <message>
        <source>of the clustering, at most</source>
        <translation>聚类的最大迭代次数</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>batch 数目</translation>
    </message>
    <message>
        <source>with offset (asymmetric)</source>
        <translation>带偏移（非对称）</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据量化</translation>
    </message>
    <message>
        <source>joint_quant</source>
        <translation>joint_quant</translation>
    </message>
    <message>
        <source>joint_quant: stands once in the manual, without a word of what it does. Kept in config.json, without effect</source>
        <translation>joint_quant：手册中只出现一次，没有说明其含义。保留在 config.json 中，不起作用</translation>
    </message>
    <message>
        <source>Joint</source>
        <translation>联合量化</translation>
    </message>
    <message>
        <source>Fusion</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>BatchNorm, Scale, Bias</source>
        <translation>BatchNorm、Scale、Bias</translation>
    </message>
    <message>
        <source>Fuse</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>names, separated by commas</source>
        <translation>层名，以逗号分隔</translation>
    </message>
    <message>
        <source>Except</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>BatchNorm update</source>
        <translation>BN 层更新</translation>
    </message>
    <message>
        <source>after weight quantization</source>
        <translation>权重量化后</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Old share</source>
        <translation>滑动平均系数</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>目录</translation>
    </message>
    <message>
        <source>the first so many batches calibrate</source>
        <translation>用前若干个 batch 进行校准</translation>
    </message>
    <message>
        <source>how much of the old statistics stays</source>
        <translation>保留原统计量的比例</translation>
    </message>
    <message>
        <source>forward passes, a batch each</source>
        <translation>前向推理次数，每次一个 batch</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>SearchMove</name>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>12 bits</source>
        <translation>12 位</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 位</translation>
    </message>
    <message>
        <source>no clipping</source>
        <translation>不截断</translation>
    </message>
    <message>
        <source>other offset</source>
        <translation>改变 offset</translation>
    </message>
    <message>
        <source>per channel</source>
        <translation>通道独立</translation>
    </message>
    <message>
        <source>as they were</source>
        <translation>原设置</translation>
    </message>
</context>
<context>
    <name>Tables</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>保存为 CSV…</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>逗号分隔值 (*.csv)</translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Which layer breaks, and why</source>
        <translation>哪一层出了问题，原因是什么</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>What happens in it</source>
        <translation>层内发生了什么</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>处理</translation>
    </message>
    <message>
        <source>What to do about it</source>
        <translation>如何处理</translation>
    </message>
    <message>
        <source>Graph</source>
        <translation>网络图</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>属性</translation>
    </message>
    <message>
        <source>Error profile</source>
        <translation>误差曲线</translation>
    </message>
    <message>
        <source>Distribution</source>
        <translation>分布</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>调优向导</translation>
    </message>
    <message>
        <source>Branches</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>敏感度</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>自动搜索</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本</translation>
    </message>
</context>
<context>
    <name>qs::BranchesPanel</name>
    <message>
        <source>Take these layers over</source>
        <translation>取用这些层的设置</translation>
    </message>
    <message>
        <source>The selected layers get the settings of the branch beside this one: one step to undo</source>
        <translation>选中的层改用对比分支的设置：可一步撤销</translation>
    </message>
    <message>
        <source>The branch beside this one: also the second curve of the error profile and an overlay of the graph</source>
        <translation>对比分支：也是误差曲线图中的第二条曲线和图上的一种着色</translation>
    </message>
    <message>
        <source>Calibrates first where the branch has no quantization factors of its settings</source>
        <translation>该分支没有与其设置对应的量化因子时，先校准</translation>
    </message>
    <message>
        <source>One branch, %1: name the present settings with Ctrl+B, go on, and compare.</source>
        <translation>只有一个分支 %1：按 Ctrl+B 给当前设置命名，继续修改，然后比较。</translation>
    </message>
    <message>
        <source>Branch %1 beside</source>
        <translation>分支 %1，对比</translation>
    </message>
    <message>
        <source>choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>All settings are alike</source>
        <translation>所有设置相同</translation>
    </message>
    <message>
        <source>Settings that differ: %1</source>
        <translation>不同的设置：%1</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>(network)</source>
        <translation>（网络）</translation>
    </message>
    <message>
        <source>not set</source>
        <translation>未设置</translation>
    </message>
    <message>
        <source>cumulative: %1</source>
        <translation>累积：%1</translation>
    </message>
    <message>
        <source>difference</source>
        <translation>差</translation>
    </message>
    <message>
        <source>local: %1</source>
        <translation>单层：%1</translation>
    </message>
    <message>
        <source>Error of every layer</source>
        <translation>各层误差</translation>
    </message>
    <message>
        <source>agreement with float: %1 % beside %2 %</source>
        <translation>与浮点的一致率：%1 %，对比 %2 %</translation>
    </message>
    <message>
        <source>Open data to compare the branches.</source>
        <translation>打开数据后才能比较分支。</translation>
    </message>
    <message>
        <source>The comparison of branch %1 is stale: compare it again.</source>
        <translation>分支 %1 的比较已过期：请重新比较。</translation>
    </message>
    <message>
        <source>Branch %1 has not been compared yet: compare this branch first.</source>
        <translation>分支 %1 尚未比较：请先比较该分支。</translation>
    </message>
    <message>
        <source>Compare %1</source>
        <translation>比较 %1</translation>
    </message>
</context>
<context>
    <name>qs::ChannelGrid</name>
    <message>
        <source>channel %1: %2 % of the squared error</source>
        <translation>通道 %1：占平方误差的 %2 %</translation>
    </message>
</context>
<context>
    <name>qs::ChannelPlot</name>
    <message>
        <source>output channel</source>
        <translation>输出通道</translation>
    </message>
    <message>
        <source>weight range</source>
        <translation>权重范围</translation>
    </message>
    <message>
        <source>part of the error</source>
        <translation>误差占比</translation>
    </message>
    <message>
        <source>channel %1: %2 to %3</source>
        <translation>通道 %1：%2 到 %3</translation>
    </message>
    <message>
        <source>%1 % of the layer&apos;s error</source>
        <translation>占该层误差的 %1 %</translation>
    </message>
</context>
<context>
    <name>qs::ChecksPanel</name>
    <message>
        <source>Find in the checks</source>
        <translation>在检查结果中查找</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Show only checks of one severity</source>
        <translation>只显示某一严重程度的检查</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>严重程度</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Checks (%1)</source>
        <translation>检查（%1）</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>对策</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>checking for %1…</source>
        <translation>正在按 %1 检查…</translation>
    </message>
    <message>
        <source>%1 takes this network as it is</source>
        <translation>%1 可直接使用此网络</translation>
    </message>
    <message>
        <source>%1 of %2, for %3</source>
        <translation>%1 / %2 条，目标 %3</translation>
    </message>
    <message>
        <source>%1 of %2, for %3; more after the calibration</source>
        <translation>%1 / %2 条，目标 %3；校准后还有更多</translation>
    </message>
</context>
<context>
    <name>qs::ComparePanel</name>
    <message>
        <source>Number of the sample in the data set</source>
        <translation>样本在数据集中的序号</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Quantized minus float: blue is less, orange is more; stretched to the largest difference</source>
        <translation>量化减浮点：蓝色偏小，橙色偏大；按最大差异拉伸</translation>
    </message>
    <message>
        <source>Calibrate to compare one sample.</source>
        <translation>校准后可比较单个样本。</translation>
    </message>
    <message>
        <source>Read picture</source>
        <translation>读取图片</translation>
    </message>
    <message>
        <source>computing…</source>
        <translation>计算中…</translation>
    </message>
    <message>
        <source>nothing to compare</source>
        <translation>无可比较的内容</translation>
    </message>
    <message>
        <source>in integers</source>
        <translation>整数推理</translation>
    </message>
    <message>
        <source>Runs the deploy model, too: int8 weights and int32 accumulators, as on the chip</source>
        <translation>同时运行部署模型：int8 权重、int32 累加，与芯片一致</translation>
    </message>
    <message>
        <source>A step is the smallest scale_d at which a quantized layer reads this output; 1/255 of its range where none does</source>
        <translation>步长为读取该输出的量化层中最小的 scale_d；没有量化层读取时为其范围的 1/255</translation>
    </message>
    <message>
        <source>int32 accumulators that overflowed wrap around, on the chip as here: take fewer activation bits for these layers</source>
        <translation>int32 累加溢出后会回绕，芯片上同样如此：请减小这些层的数据位宽</translation>
    </message>
    <message>
        <source>integer</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>integer, off in steps</source>
        <translation>整数偏差（步长）</translation>
    </message>
    <message>
        <source>Integer minus quantized in quantization steps: blue is less, orange is more; full colour is two steps</source>
        <translation>整数减量化，以量化步长为单位：蓝色偏小，橙色偏大；满色为两个步长</translation>
    </message>
    <message>
        <source>computing in integers…</source>
        <translation>正在以整数计算…</translation>
    </message>
    <message>
        <source>integer against quantized: %1 % within one step, largest %2 (step %3)</source>
        <translation>整数与量化相比：%1 % 在一个步长之内，最大 %2（步长 %3）</translation>
    </message>
    <message>
        <source>accumulators left int32: %1</source>
        <translation>int32 累加溢出：%1</translation>
    </message>
    <message>
        <source>float %1, quantized %2: of different size, nothing to compare value by value</source>
        <translation>浮点 %1，量化 %2：大小不同，无法逐值比较</translation>
    </message>
    <message>
        <source>worst first</source>
        <translation>误差最大在前</translation>
    </message>
    <message>
        <source>by number</source>
        <translation>按编号</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>All channels side by side instead of the values as points; Ctrl and the wheel make them larger</source>
        <translation>并排显示所有通道，代替散点图；Ctrl 加滚轮可放大</translation>
    </message>
    <message>
        <source>(%1, %2): float %3, quantized %4, Δ %5</source>
        <translation>(%1, %2)：浮点 %3，量化 %4，Δ %5</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>What of the layer is compared: its output on this sample, or its weights, where a channel is an output channel and its kernels lie side by side</source>
        <translation>比较该层的什么：在此样本上的输出，或其权重（此时通道为输出通道，其各卷积核并排显示）</translation>
    </message>
    <message>
        <source>The layer has no weights</source>
        <translation>该层没有权重</translation>
    </message>
    <message>
        <source>input channel %1, (%2, %3): float %4, quantized %5, Δ %6</source>
        <translation>输入通道 %1，(%2, %3)：浮点 %4，量化 %5，Δ %6</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>%1 sites, from above: %2</source>
        <translation>%1 个位置，俯视图：%2</translation>
    </message>
</context>
<context>
    <name>qs::DataDialog</name>
    <message>
        <source>only sequence marks and first states may be left out</source>
        <translation>只有序列标记和初始状态可以不填</translation>
    </message>
    <message>
        <source>A .npy for this input of the network: one array for all samples, or one a sample along its first axis</source>
        <translation>网络的这个输入所用的 .npy：所有样本共用一个数组，或沿第一轴每个样本一个</translation>
    </message>
    <message>
        <source>Input %1</source>
        <translation>输入 %1</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Pictures in a folder</source>
        <translation>文件夹中的图片</translation>
    </message>
    <message>
        <source>List of pictures</source>
        <translation>图片列表</translation>
    </message>
    <message>
        <source>NumPy array (.npy)</source>
        <translation>NumPy 数组 (.npy)</translation>
    </message>
    <message>
        <source>CIFAR-10 binary</source>
        <translation>CIFAR-10 二进制</translation>
    </message>
    <message>
        <source>MNIST idx</source>
        <translation>MNIST idx</translation>
    </message>
    <message>
        <source>LMDB data set</source>
        <translation>LMDB 数据集</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>BGR</source>
        <translation>BGR</translation>
    </message>
    <message>
        <source>RGB</source>
        <translation>RGB</translation>
    </message>
    <message>
        <source>gray</source>
        <translation>灰度</translation>
    </message>
    <message>
        <source>Channel order that the network was trained with; Caffe&apos;s is BGR</source>
        <translation>网络训练时的通道顺序；Caffe 为 BGR</translation>
    </message>
    <message>
        <source>to the network&apos;s input</source>
        <translation>到网络输入尺寸</translation>
    </message>
    <message>
        <source>short side to</source>
        <translation>短边到</translation>
    </message>
    <message>
        <source>to</source>
        <translation>到</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>One value, one for each channel (104,117,123), or a mean image (.npy, .binaryproto); subtracted after the crop</source>
        <translation>一个值、每通道一个值 (104,117,123) 或均值图 (.npy、.binaryproto)；裁剪后减去</translation>
    </message>
    <message>
        <source>Multiplied after the mean is subtracted: one number, or one a channel (a, b, c); 0.00390625 is 1/256</source>
        <translation>减均值后相乘：一个值，或每通道一个值 (a, b, c)；0.00390625 即 1/256</translation>
    </message>
    <message>
        <source>Samples a batch: calibration counts batches</source>
        <translation>每批样本数：校准按批计</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>batch_num: the first so many batches calibrate; all samples compare</source>
        <translation>batch_num：前若干批用于校准；比较使用全部样本</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>种类</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Resize</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Centre crop</source>
        <translation>中心裁剪</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Calibration batches</source>
        <translation>校准批数</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>What the network gets</source>
        <translation>网络的输入</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>Use this data</source>
        <translation>使用此数据</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Choose a folder of pictures or a data file.</source>
        <translation>请选择图片文件夹或数据文件。</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>预览</translation>
    </message>
    <message>
        <source>%1 samples</source>
        <translation>%1 个样本</translation>
    </message>
    <message>
        <source>, %1 left out</source>
        <translation>，跳过 %1 个</translation>
    </message>
    <message>
        <source>choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Caffe: BGR, mean 104, 117, 123</source>
        <translation>Caffe：BGR，均值 104、117、123</translation>
    </message>
    <message>
        <source>torchvision: RGB, ImageNet&apos;s mean and deviation</source>
        <translation>torchvision：RGB，ImageNet 的均值与标准差</translation>
    </message>
    <message>
        <source>RGB, (pixel − 127.5) / 128</source>
        <translation>RGB，(像素 − 127.5) / 128</translation>
    </message>
    <message>
        <source>RGB, 0 to 1</source>
        <translation>RGB，0 到 1</translation>
    </message>
    <message>
        <source>RGB, 0 to 255</source>
        <translation>RGB，0 到 255</translation>
    </message>
    <message>
        <source>Colour, mean and scale as networks of a kind are trained with; size and crop stay</source>
        <translation>此类网络训练时使用的颜色顺序、均值与缩放；尺寸与裁剪不变</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>values %1 to %2</source>
        <translation>数值 %1 到 %2</translation>
    </message>
    <message>
        <source>, mean by channel %1</source>
        <translation>，各通道均值 %1</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>boxes</source>
        <translation>框</translation>
    </message>
    <message>
        <source>class map</source>
        <translation>类别图</translation>
    </message>
    <message>
        <source>vector</source>
        <translation>向量</translation>
    </message>
    <message>
        <source>plain values</source>
        <translation>普通数值</translation>
    </message>
    <message>
        <source>What the network&apos;s outputs are: by that they are shown and judged</source>
        <translation>网络的输出是什么：据此显示和评判</translation>
    </message>
    <message>
        <source>What makes boxes of raw outputs, with its options: ssd, corners, rows, yolo, points, distances, centres; empty: what fits the outputs (the manual says more)</source>
        <translation>把原始输出变成框的解码器及其选项：ssd、corners、rows、yolo、points、distances、centres；留空：与输出相符的那个（详见手册）</translation>
    </message>
    <message>
        <source>Lines of &apos;file class&apos;, or one class a line in data order; of boxes a COCO .json, or a folder of VOC .xml or YOLO .txt files</source>
        <translation>每行“文件 类别”，或按数据顺序每行一个类别；框的标签为 COCO 的 .json，或由 VOC 的 .xml、YOLO 的 .txt 文件组成的文件夹</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Point clouds, voxels</source>
        <translation>点云、体素</translation>
    </message>
    <message>
        <source>the sites of the samples, where they have them</source>
        <translation>样本自带的位置（若有）</translation>
    </message>
</context>
<context>
    <name>qs::DetectionView</name>
    <message>
        <source>float solid, quantized dashed</source>
        <translation>浮点实线，量化虚线</translation>
    </message>
    <message>
        <source>Boxes from this score on</source>
        <translation>显示得分不低于此值的框</translation>
    </message>
    <message>
        <source>class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>Score in the float network</source>
        <translation>浮点网络的得分</translation>
    </message>
    <message>
        <source>Score in the quantized network</source>
        <translation>量化网络的得分</translation>
    </message>
    <message>
        <source>Intersection over union of the two boxes; they are paired from 0.5 on, of one class</source>
        <translation>两框的交并比；同一类别且不低于 0.5 时配对</translation>
    </message>
    <message>
        <source>score from</source>
        <translation>得分不低于</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 in both, %2 lost, %3 new</source>
        <translation>两者都有 %1 个，丢失 %2 个，新增 %3 个</translation>
    </message>
</context>
<context>
    <name>qs::Diagnoser</name>
    <message>
        <source>Diagnose</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Diagnose first.</source>
        <translation>请先诊断。</translation>
    </message>
    <message>
        <source>These factors come from a file: only a calibration (F5) can answer for other settings.</source>
        <translation>这些因子来自文件：只有校准（F5）才能回答其他设置的效果。</translation>
    </message>
    <message>
        <source>Calibrate (F5) first: the factors are not of these settings.</source>
        <translation>请先校准（F5）：这些因子不属于当前设置。</translation>
    </message>
    <message>
        <source>Remedies for %1</source>
        <translation>%1 的补救办法</translation>
    </message>
    <message>
        <source>Remedies</source>
        <translation>补救办法</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>nothing that was tried</source>
        <translation>试过的办法都没有用</translation>
    </message>
</context>
<context>
    <name>qs::DiagnosisPanel</name>
    <message>
        <source>Diagnose</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>重新运行</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>cause</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What is shown by channel: a quantized input or output, the weights, or the layer&apos;s result</source>
        <translation>按通道显示的内容：量化的输入或输出、权重，或该层的结果</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>The figures of every channel instead of the plot</source>
        <translation>显示每个通道的数值而不是曲线图</translation>
    </message>
    <message>
        <source>channel</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>minimum</source>
        <translation>最小值</translation>
    </message>
    <message>
        <source>maximum</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>levels</source>
        <translation>级数</translation>
    </message>
    <message>
        <source>clipped, %</source>
        <translation>截断，%</translation>
    </message>
    <message>
        <source>error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>part, %</source>
        <translation>占比，%</translation>
    </message>
    <message>
        <source>Index of the channel</source>
        <translation>通道序号</translation>
    </message>
    <message>
        <source>Smallest value that was seen</source>
        <translation>见到的最小值</translation>
    </message>
    <message>
        <source>Largest value that was seen</source>
        <translation>见到的最大值</translation>
    </message>
    <message>
        <source>Codes that the channel&apos;s values use</source>
        <translation>该通道的值用到的码数</translation>
    </message>
    <message>
        <source>Share of its values that the limits cut</source>
        <translation>被限值截掉的值所占比例</translation>
    </message>
    <message>
        <source>Mean squared error of its values</source>
        <translation>其值的均方误差</translation>
    </message>
    <message>
        <source>Its part of the layer&apos;s local error; of the result, of the error that was measured</source>
        <translation>在该层单层误差中的占比；对于结果，是在实测误差中的占比</translation>
    </message>
    <message>
        <source>Try remedies</source>
        <translation>试用补救办法</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>The setting of the selected remedy, as one step that can be undone</source>
        <translation>采用所选补救办法的设置，作为可撤销的一步</translation>
    </message>
    <message>
        <source>On a branch</source>
        <translation>在分支上</translation>
    </message>
    <message>
        <source>The same on a new branch, beside the present one</source>
        <translation>同样的设置，但放在当前分支旁的新分支上</translation>
    </message>
    <message>
        <source>remedy</source>
        <translation>补救办法</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>agreement, %</source>
        <translation>一致率，%</translation>
    </message>
    <message>
        <source>in 8 bits, %</source>
        <translation>8 位占比，%</translation>
    </message>
    <message>
        <source>Best first: what wins most of the output&apos;s cosine for the share of 8 bits that it costs</source>
        <translation>最佳的在前：以所付出的 8 位占比换来最多输出余弦的办法</translation>
    </message>
    <message>
        <source>The layer&apos;s cosine, its inputs float</source>
        <translation>该层的余弦，其输入为浮点</translation>
    </message>
    <message>
        <source>The output&apos;s cosine, the whole configuration with it</source>
        <translation>输出的余弦，整个配置采用该办法</translation>
    </message>
    <message>
        <source>With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour</source>
        <translation>与浮点相比：类别相同的样本、框的 mAP、类别相同的像素，或最近邻相同的样本</translation>
    </message>
    <message>
        <source>Samples whose class is the float network&apos;s</source>
        <translation>类别与浮点网络相同的样本</translation>
    </message>
    <message>
        <source>Share of operations that stay in 8 bits; 12 and 16 bits count 8 / bits, float 0</source>
        <translation>仍为 8 位的运算占比；12 位和 16 位按 8 / 位数计，浮点计 0</translation>
    </message>
    <message>
        <source>%1: no cause that is known</source>
        <translation>%1：没有已知的原因</translation>
    </message>
    <message>
        <source>%1, %2 % of the error</source>
        <translation>%1，占误差的 %2 %</translation>
    </message>
    <message>
        <source>output channel</source>
        <translation>输出通道</translation>
    </message>
    <message>
        <source>weight range</source>
        <translation>权重范围</translation>
    </message>
    <message>
        <source>range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>as it is</source>
        <translation>现状</translation>
    </message>
    <message>
        <source>The layer itself is well.</source>
        <translation>该层本身没有问题。</translation>
    </message>
    <message>
        <source>Why does a layer break, in which channel, and what helps?</source>
        <translation>某层为什么变差、在哪个通道、什么办法有用？</translation>
    </message>
    <message>
        <source>Calibrate to diagnose layers.</source>
        <translation>校准后才能诊断各层。</translation>
    </message>
    <message>
        <source>%1 samples</source>
        <translation>%1 个样本</translation>
    </message>
    <message>
        <source>stale: the settings have changed</source>
        <translation>已过期：设置已更改</translation>
    </message>
    <message>
        <source>%1: nothing is lost</source>
        <translation>%1：没有损失</translation>
    </message>
    <message>
        <source>Not better than as it is</source>
        <translation>不比现状好</translation>
    </message>
    <message>
        <source>%1 of the layer, its inputs float</source>
        <translation>该层的%1，输入为浮点</translation>
    </message>
    <message>
        <source>%1 of the output, the whole configuration with it</source>
        <translation>应用后整个配置下输出的%1</translation>
    </message>
    <message>
        <source>head</source>
        <translation>头</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>result</source>
        <translation>结果</translation>
    </message>
</context>
<context>
    <name>qs::DistributionPanel</name>
    <message>
        <source>logarithmic</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>No weights</source>
        <translation>没有权重</translation>
    </message>
    <message>
        <source>input %1: %2</source>
        <translation>输入 %1：%2</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Select a layer.</source>
        <translation>请选择一层。</translation>
    </message>
    <message>
        <source>Calibrate to see the distribution.</source>
        <translation>校准后可查看分布。</translation>
    </message>
    <message>
        <source>value of %1, %2</source>
        <translation>%1 的值，%2</translation>
    </message>
    <message>
        <source>Read weights</source>
        <translation>读取权重</translation>
    </message>
    <message>
        <source>weights of %1</source>
        <translation>%1 的权重</translation>
    </message>
    <message>
        <source>outside the limits: %1 %</source>
        <translation>截断之外：%1 %</translation>
    </message>
    <message>
        <source>Estimate: error of this input under these limits, from its histogram; the exact figures follow when the limit is released. Outside: share of the float values that clipping cuts off. Drag the limits to change them.</source>
        <translation>估计：由直方图得出的该输入在当前截断上下限下的误差；松开后给出精确值。超出：被截断的浮点值所占比例。拖动上下限可修改。</translation>
    </message>
    <message>
        <source>The calibration samples whose values reach furthest: they set the limits. A click shows one in Compare; Samples can leave it out</source>
        <translation>取值范围最远的校准样本：它们决定截断上下限。单击可在“比较”中查看；可在“样本”中将其排除</translation>
    </message>
    <message>
        <source>up: %1</source>
        <translation>上端：%1</translation>
    </message>
    <message>
        <source>down: %1</source>
        <translation>下端：%1</translation>
    </message>
    <message>
        <source>Reach furthest %1</source>
        <translation>最远 %1</translation>
    </message>
    <message>
        <source>state</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>estimate: input SQNR %1 dB, %2</source>
        <translation>估计：输入 SQNR %1 dB，%2</translation>
    </message>
</context>
<context>
    <name>qs::DistributionPlot</name>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>share of values</source>
        <translation>值的占比</translation>
    </message>
    <message>
        <source>Logarithmic scale</source>
        <translation>对数坐标</translation>
    </message>
    <message>
        <source>Back to the calibrated limits</source>
        <translation>恢复校准的上下限</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
</context>
<context>
    <name>qs::ErrorProfilePanel</name>
    <message>
        <source>Calibrate and compare to see the error of every layer.</source>
        <translation>校准并比较后可查看每层误差。</translation>
    </message>
    <message>
        <source>quantized layers only</source>
        <translation>仅量化层</translation>
    </message>
    <message>
        <source>stale: the settings have changed, run again (F6)</source>
        <translation>已过期：设置已改变，请重新运行 (F6)</translation>
    </message>
    <message>
        <source>%1 samples</source>
        <translation>%1 个样本</translation>
    </message>
    <message>
        <source>cumulative, branch %1</source>
        <translation>累积，分支 %1</translation>
    </message>
    <message>
        <source>a gap from %1 on: its values are not numbers</source>
        <translation>从 %1 起中断：其值不是数</translation>
    </message>
    <message>
        <source>threshold, cosine</source>
        <translation>阈值（余弦）</translation>
    </message>
</context>
<context>
    <name>qs::ErrorProfilePlot</name>
    <message>
        <source>cumulative</source>
        <translation>累积</translation>
    </message>
    <message>
        <source>local</source>
        <translation>单层</translation>
    </message>
    <message>
        <source>threshold %1</source>
        <translation>阈值 %1</translation>
    </message>
</context>
<context>
    <name>qs::ExportDialog</name>
    <message>
        <source>What reads the files</source>
        <translation>读取这些文件的工具</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Folder and first part of the files&apos; names</source>
        <translation>文件夹及文件名前缀</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Prefix</source>
        <translation>前缀</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>What it is for</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Not as requested</source>
        <translation>与请求不同</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Prefix of the exported files</source>
        <translation>导出文件的前缀</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>准备中…</translation>
    </message>
    <message>
        <source>Calibrate first: there are no quantization factors.</source>
        <translation>请先校准：还没有量化因子。</translation>
    </message>
    <message>
        <source>%1 layers differ from the request:</source>
        <translation>%1 层与请求不同：</translation>
    </message>
    <message>
        <source>Every layer is as requested.</source>
        <translation>所有层均与请求一致。</translation>
    </message>
    <message>
        <source>%1 files, %2B, all or none are written.</source>
        <translation>共 %1 个文件，%2B；要么全部写入，要么都不写。</translation>
    </message>
    <message>
        <source>Export with the factors of %1</source>
        <translation>用 %1 的量化因子导出</translation>
    </message>
    <message>
        <source>Both models</source>
        <translation>两种模型</translation>
    </message>
    <message>
        <source>Fake-quant model</source>
        <translation>精度仿真模型</translation>
    </message>
    <message>
        <source>Deploy model</source>
        <translation>部署模型</translation>
    </message>
    <message>
        <source>save_type: Both, Fakequant (accuracy simulation in float) or Deploy (for the chip&apos;s compiler)</source>
        <translation>save_type：Both、Fakequant（浮点精度仿真）或 Deploy（供芯片编译器）</translation>
    </message>
</context>
<context>
    <name>qs::FrontPlot</name>
    <message>
        <source>tried</source>
        <translation>已试</translation>
    </message>
    <message>
        <source>front</source>
        <translation>前沿</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>in 8 bits, %</source>
        <translation>8 位占比，%</translation>
    </message>
    <message>
        <source>output cosine</source>
        <translation>输出余弦</translation>
    </message>
    <message>
        <source>in 8 bits</source>
        <translation>8 位占比</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
</context>
<context>
    <name>qs::GraphPanel</name>
    <message>
        <source>Find a layer</source>
        <translation>查找层</translation>
    </message>
    <message>
        <source>What the coloured edge of the cards shows</source>
        <translation>卡片左侧颜色表示的内容</translation>
    </message>
    <message>
        <source>Smaller (−)</source>
        <translation>缩小 (−)</translation>
    </message>
    <message>
        <source>Larger (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Full size (1)</source>
        <translation>原始大小 (1)</translation>
    </message>
    <message>
        <source>Fit the window (0)</source>
        <translation>适合窗口 (0)</translation>
    </message>
    <message>
        <source>%1 found</source>
        <translation>找到 %1 个</translation>
    </message>
    <message>
        <source>All layers on the ways between those that are selected (Ctrl+click selects a second one)</source>
        <translation>所选各层之间通路上的所有层（Ctrl+单击再选一层）</translation>
    </message>
    <message>
        <source>Cannot write %1</source>
        <translation>无法写入 %1</translation>
    </message>
    <message>
        <source>Copy the name</source>
        <translation>复制名称</translation>
    </message>
    <message>
        <source>Go to a consumer</source>
        <translation>转到某个后继层</translation>
    </message>
    <message>
        <source>Go to a producer</source>
        <translation>转到某个前驱层</translation>
    </message>
    <message>
        <source>Go to the consumer</source>
        <translation>转到后继层</translation>
    </message>
    <message>
        <source>Go to the producer</source>
        <translation>转到前驱层</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>SVG picture (*.svg)</source>
        <translation>SVG 图片 (*.svg)</translation>
    </message>
    <message>
        <source>Quantize on/off</source>
        <translation>开启/关闭量化</translation>
    </message>
    <message>
        <source>Save the graph as PNG…</source>
        <translation>将图保存为 PNG…</translation>
    </message>
    <message>
        <source>Save the graph as SVG…</source>
        <translation>将图保存为 SVG…</translation>
    </message>
    <message>
        <source>Select all %1</source>
        <translation>选择所有 %1</translation>
    </message>
    <message>
        <source>Select all of this type</source>
        <translation>选择该类型的所有层</translation>
    </message>
    <message>
        <source>Select from here to there</source>
        <translation>选择两层之间的所有层</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>展开</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>Close %1</source>
        <translation>收起 %1</translation>
    </message>
    <message>
        <source>Backspace</source>
        <translation>退格</translation>
    </message>
    <message>
        <source>Open all</source>
        <translation>全部展开</translation>
    </message>
    <message>
        <source>Close all to this level</source>
        <translation>全部收起到此级</translation>
    </message>
</context>
<context>
    <name>qs::GraphView</name>
    <message>
        <source>Graph of the network</source>
        <translation>网络图</translation>
    </message>
    <message>
        <source>stale: the settings have changed, run again</source>
        <translation>已过期：设置已改变，请重新运行</translation>
    </message>
    <message>
        <source>worst inside: %1</source>
        <translation>其中最差：%1</translation>
    </message>
</context>
<context>
    <name>qs::InspectorPanel</name>
    <message>
        <source>Not quantized: %1</source>
        <translation>不量化：%1</translation>
    </message>
    <message>
        <source>Select a layer to see and change its setting.</source>
        <translation>选择一层以查看和修改其设置。</translation>
    </message>
    <message>
        <source>Requested and effective</source>
        <translation>请求值与生效值</translation>
    </message>
    <message>
        <source>requested</source>
        <translation>请求值</translation>
    </message>
    <message>
        <source>effective</source>
        <translation>生效值</translation>
    </message>
    <message>
        <source>Quantization factors</source>
        <translation>量化因子</translation>
    </message>
    <message>
        <source>scale</source>
        <translation>缩放因子</translation>
    </message>
    <message>
        <source>offset</source>
        <translation>偏移</translation>
    </message>
    <message>
        <source>range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Attributes</source>
        <translation>层参数</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 个参数</translation>
    </message>
    <message>
        <source>%1 MACs</source>
        <translation>%1 次乘加</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
    <message>
        <source>bits, %1</source>
        <translation>位宽，%1</translation>
    </message>
    <message>
        <source>activation bits</source>
        <translation>数据位宽</translation>
    </message>
    <message>
        <source>weight bits</source>
        <translation>权重位宽</translation>
    </message>
    <message>
        <source>per channel</source>
        <translation>通道独立</translation>
    </message>
    <message>
        <source> (by hand)</source>
        <translation>（手动）</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>channel %1</source>
        <translation>通道 %1</translation>
    </message>
    <message>
        <source>weights %1</source>
        <translation>权重 %1</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>整网</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>修改 %1</translation>
    </message>
    <message>
        <source>limits by, %1</source>
        <translation>截断值算法，%1</translation>
    </message>
    <message>
        <source>limits by</source>
        <translation>截断值算法</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>with %1</source>
        <translation>与 %1</translation>
    </message>
    <message>
        <source>Change %1 layers</source>
        <translation>更改 %1 层</translation>
    </message>
    <message>
        <source>Worst sample: %1, %2</source>
        <translation>最差样本：%1，%2</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>qs::JobRunner</name>
    <message>
        <source>Opening the engine</source>
        <translation>打开计算引擎</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
</context>
<context>
    <name>qs::JobsPanel</name>
    <message>
        <source>Job</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>剩余</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>cancelling…</source>
        <translation>正在取消…</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>failed: %1</source>
        <translation>失败：%1</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>qs::LayerGroupModel</name>
    <message>
        <source>%1 not run</source>
        <translation>%1 层未运行</translation>
    </message>
    <message>
        <source>worst inside: %1</source>
        <translation>其中最差：%1</translation>
    </message>
</context>
<context>
    <name>qs::LayerTableModel</name>
    <message>
        <source>not as requested: %1</source>
        <translation>与请求不同：%1</translation>
    </message>
    <message>
        <source>worst sample: %1 (no. %2)</source>
        <translation>最差样本：%1（第 %2 个）</translation>
    </message>
    <message>
        <source>stale: the settings have changed, run again</source>
        <translation>已过期：设置已改变，请重新运行</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>On</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>A</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>W</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Weights by</source>
        <translation>权重算法</translation>
    </message>
    <message>
        <source>SQNR (dB)</source>
        <translation>SQNR (dB)</translation>
    </message>
    <message>
        <source>MSE</source>
        <translation>MSE</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>乘加数</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Quantize this layer (quant_enable)</source>
        <translation>量化该层 (quant_enable)</translation>
    </message>
    <message>
        <source>Bit width of the layer&apos;s quantized inputs (num_bits)</source>
        <translation>该层量化输入的位宽 (num_bits)</translation>
    </message>
    <message>
        <source>Bit width of the weights: 8 uniform, 4 non-uniform</source>
        <translation>权重位宽：8 为均匀，4 为非均匀</translation>
    </message>
    <message>
        <source>Multiply-accumulates of one forward pass</source>
        <translation>一次前向的乘加次数</translation>
    </message>
    <message>
        <source>What really happens to the layer; the tooltip says why it differs from the request</source>
        <translation>该层的实际处理；提示中说明与请求不同的原因</translation>
    </message>
    <message>
        <source>Weight algorithm (wts_algo). CLE: equalized with the layer behind; AdaRound: learned rounding; BC: corrected bias. Behind the dot the calibrator of the inputs where it is not IFMR</source>
        <translation>权重算法（wts_algo）。CLE：与后一层跨层均衡；AdaRound：自适应取整；BC：偏置校正。圆点之后是输入的校准算法（非 IFMR 时）</translation>
    </message>
    <message>
        <source>%1 cumul.</source>
        <translation>累积 %1</translation>
    </message>
    <message>
        <source>%1 local</source>
        <translation>单层 %1</translation>
    </message>
    <message>
        <source>%1: %2
Cumulative: %3</source>
        <translation>%1：%2
累积：%3</translation>
    </message>
    <message>
        <source>%1: %2
Local: %3</source>
        <translation>%1：%2
单层：%3</translation>
    </message>
</context>
<context>
    <name>qs::LayersPanel</name>
    <message>
        <source>cos below</source>
        <translation>余弦低于</translation>
    </message>
    <message>
        <source>Only layers whose cumulative cosine is below the threshold</source>
        <translation>仅显示累积余弦低于阈值的层</translation>
    </message>
    <message>
        <source>Quantize</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Keep in float</source>
        <translation>保持浮点</translation>
    </message>
    <message>
        <source>Activation bits</source>
        <translation>数据位宽</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Calibrator</source>
        <translation>校准算法</translation>
    </message>
    <message>
        <source>Look at its worst sample</source>
        <translation>查看其最差样本</translation>
    </message>
    <message>
        <source>All columns</source>
        <translation>所有列</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Grouped</source>
        <translation>分组</translation>
    </message>
    <message>
        <source>Layers in the blocks of the network, each with the worst figure inside. Right opens a group, Left closes it</source>
        <translation>按网络的模块分组，每组显示其中最差的数值。方向键 → 展开，← 收起</translation>
    </message>
</context>
<context>
    <name>qs::Live</name>
    <message>
        <source>Memory for values</source>
        <translation>中间值内存</translation>
    </message>
    <message>
        <source>Follow the settings</source>
        <translation>跟随设置</translation>
    </message>
    <message>
        <source>Follow the settings: %1</source>
        <translation>跟随设置：%1</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>敏感度</translation>
    </message>
    <message>
        <source>Sensitivity: cancelled</source>
        <translation>敏感度：已取消</translation>
    </message>
    <message>
        <source>Sensitivity: %1</source>
        <translation>敏感度：%1</translation>
    </message>
</context>
<context>
    <name>qs::Locator</name>
    <message>
        <source>Go to layer</source>
        <translation>转到层</translation>
    </message>
</context>
<context>
    <name>qs::MainWindow</name>
    <message>
        <source>Custom &amp;proto…</source>
        <translation>自定义 proto…(&amp;P)</translation>
    </message>
    <message>
        <source>The custom.proto that describes layers of your own</source>
        <translation>描述用户自定义层的 custom.proto</translation>
    </message>
    <message>
        <source>Open a custom.proto</source>
        <translation>打开 custom.proto</translation>
    </message>
    <message>
        <source>&amp;Parameters</source>
        <translation>参数说明(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>打开(&amp;O)…</translation>
    </message>
    <message>
        <source>Open a network or a project</source>
        <translation>打开网络或工程</translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation>打开示例(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Recent</source>
        <translation>最近使用(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Save project</source>
        <translation>保存工程(&amp;S)</translation>
    </message>
    <message>
        <source>Save project &amp;as…</source>
        <translation>工程另存为(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>Write the files of the target</source>
        <translation>写出目标所需的文件</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>&amp;Quantize the selection on/off</source>
        <translation>切换所选层的量化(&amp;Q)</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格</translation>
    </message>
    <message>
        <source>&amp;Go to layer…</source>
        <translation>转到层(&amp;G)…</translation>
    </message>
    <message>
        <source>&amp;Find in the graph</source>
        <translation>在图中查找(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Fit the window</source>
        <translation>适合窗口(&amp;F)</translation>
    </message>
    <message>
        <source>Full &amp;size</source>
        <translation>原始大小(&amp;S)</translation>
    </message>
    <message>
        <source>Zoom to the s&amp;election</source>
        <translation>缩放到所选(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Larger</source>
        <translation>放大(&amp;L)</translation>
    </message>
    <message>
        <source>S&amp;maller</source>
        <translation>缩小(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Docks</source>
        <translation>面板(&amp;D)</translation>
    </message>
    <message>
        <source>Go to %1</source>
        <translation>转到%1</translation>
    </message>
    <message>
        <source>Restore the layout</source>
        <translation>恢复布局</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>System</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Data</source>
        <translation>数据(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Data…</source>
        <translation>数据(&amp;D)…</translation>
    </message>
    <message>
        <source>Choose the pictures and how they become the network&apos;s input</source>
        <translation>选择图片及其预处理方式</translation>
    </message>
    <message>
        <source>Class &amp;names…</source>
        <translation>类别名称(&amp;N)…</translation>
    </message>
    <message>
        <source>Class names, one a line</source>
        <translation>类别名称，每行一个</translation>
    </message>
    <message>
        <source>&amp;Quantize</source>
        <translation>量化(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Calibrate</source>
        <translation>校准(&amp;C)</translation>
    </message>
    <message>
        <source>Find the quantization factors on the calibration set</source>
        <translation>在校准集上求量化因子</translation>
    </message>
    <message>
        <source>Activations with &amp;offset</source>
        <translation>数据量化带偏移(&amp;O)</translation>
    </message>
    <message>
        <source>activation_offset: asymmetric activations</source>
        <translation>activation_offset：数据非对称量化</translation>
    </message>
    <message>
        <source>Activations with offset</source>
        <translation>数据量化带偏移</translation>
    </message>
    <message>
        <source>&amp;Fuse BatchNorm and Scale</source>
        <translation>融合 BatchNorm 与 Scale(&amp;F)</translation>
    </message>
    <message>
        <source>do_fusion: fold them into the layer before</source>
        <translation>do_fusion：将其融合到前一层</translation>
    </message>
    <message>
        <source>Fuse BatchNorm and Scale</source>
        <translation>融合 BatchNorm 与 Scale</translation>
    </message>
    <message>
        <source>All settings to their &amp;defaults</source>
        <translation>全部恢复默认设置(&amp;D)</translation>
    </message>
    <message>
        <source>All settings to their defaults</source>
        <translation>全部恢复默认设置</translation>
    </message>
    <message>
        <source>Open c&amp;onfig.json…</source>
        <translation>打开 config.json(&amp;P)…</translation>
    </message>
    <message>
        <source>Open config.json</source>
        <translation>打开 config.json</translation>
    </message>
    <message>
        <source>Save con&amp;fig.json…</source>
        <translation>保存 config.json(&amp;S)…</translation>
    </message>
    <message>
        <source>Save config.json</source>
        <translation>保存 config.json</translation>
    </message>
    <message>
        <source>Open a scale/offset &amp;record…</source>
        <translation>打开 scale/offset 记录文件(&amp;R)…</translation>
    </message>
    <message>
        <source>Open a scale/offset record</source>
        <translation>打开 scale/offset 记录文件</translation>
    </message>
    <message>
        <source>&amp;Analyse</source>
        <translation>分析(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>比较(&amp;C)</translation>
    </message>
    <message>
        <source>Float against quantized, layer by layer, on all samples</source>
        <translation>在全部样本上逐层比较浮点与量化</translation>
    </message>
    <message>
        <source>Go to the &amp;worst layer</source>
        <translation>转到最差层(&amp;W)</translation>
    </message>
    <message>
        <source>C&amp;ancel</source>
        <translation>取消(&amp;A)</translation>
    </message>
    <message>
        <source>Cancel what runs</source>
        <translation>取消正在运行的任务</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Definitions</source>
        <translation>定义(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Layer types</source>
        <translation>层类型(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>Walk the graph along its edges</source>
        <translation>沿连线在图中移动</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>&amp;About Quantscope</source>
        <translation>关于 Quantscope(&amp;A)</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>工具栏</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>The device that is quantized for</source>
        <translation>量化的目标器件</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message>
        <source>Open a network</source>
        <translation>打开网络</translation>
    </message>
    <message>
        <source>The demo is not installed. It belongs in share/quantscope/demo beside the program.</source>
        <translation>示例未安装，应位于程序旁的 share/quantscope/demo。</translation>
    </message>
    <message>
        <source>Calibrate on %1 batches</source>
        <translation>用 %1 批数据校准</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>保存工程</translation>
    </message>
    <message>
        <source>Projects (%1)</source>
        <translation>工程 (%1)</translation>
    </message>
    <message>
        <source>Save the changes to the project?</source>
        <translation>是否保存对工程的修改？</translation>
    </message>
    <message>
        <source>&amp;Report…</source>
        <translation>报告(&amp;R)…</translation>
    </message>
    <message>
        <source>One HTML or PDF file of this branch: setting, data, the error of every layer with plots, definitions</source>
        <translation>当前分支的一个 HTML 或 PDF 文件：设置、数据、各层误差与图、定义</translation>
    </message>
    <message>
        <source>&amp;Convert with your own factors…</source>
        <translation>用自己的量化因子转换(&amp;C)…</translation>
    </message>
    <message>
        <source>convert_model: the files of %1 from a scale/offset record that you have made</source>
        <translation>convert_model：根据您自己的量化因子记录文件生成 %1 的文件</translation>
    </message>
    <message>
        <source>Write without &amp;in-place layers…</source>
        <translation>导出无 in-place 层的网络(&amp;I)…</translation>
    </message>
    <message>
        <source>uninplace_model: the prototxt with a top of its own for every layer</source>
        <translation>uninplace_model：每层都有各自 top 的 prototxt</translation>
    </message>
    <message>
        <source>Write without in-place layers</source>
        <translation>导出无 in-place 层的网络</translation>
    </message>
    <message>
        <source>&amp;Branch</source>
        <translation>分支(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;New branch…</source>
        <translation>新建分支(&amp;N)…</translation>
    </message>
    <message>
        <source>Names the present settings, with their factors, results and undo history, and goes on there</source>
        <translation>给当前设置命名（连同量化因子、结果和撤销历史），并在新分支上继续</translation>
    </message>
    <message>
        <source>&amp;Switch to</source>
        <translation>切换到(&amp;S)</translation>
    </message>
    <message>
        <source>Ne&amp;xt branch</source>
        <translation>下一个分支(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;Compare with</source>
        <translation>与之比较(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Take the selected layers from the compared branch</source>
        <translation>从对比分支取用选中的层(&amp;T)</translation>
    </message>
    <message>
        <source>The selected layers get the settings that they have in the branch beside this one</source>
        <translation>选中的层改用它们在对比分支中的设置</translation>
    </message>
    <message>
        <source>&amp;Rename…</source>
        <translation>重命名(&amp;R)…</translation>
    </message>
    <message>
        <source>Another name for the present branch</source>
        <translation>为当前分支换一个名称</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>删除(&amp;D)</translation>
    </message>
    <message>
        <source>A branch is a set of settings with a name, its factors, results and undo history (Ctrl+B makes another)</source>
        <translation>分支是一组有名称的设置，连同其量化因子、结果和撤销历史（Ctrl+B 新建）</translation>
    </message>
    <message>
        <source>Branch</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Name of the branch</source>
        <translation>分支名称</translation>
    </message>
    <message>
        <source>A branch needs a name.</source>
        <translation>分支必须有名称。</translation>
    </message>
    <message>
        <source>There is a branch %1 already: choose another name.</source>
        <translation>已有分支 %1：请换一个名称。</translation>
    </message>
    <message>
        <source>New branch</source>
        <translation>新建分支</translation>
    </message>
    <message>
        <source>Rename the branch</source>
        <translation>重命名分支</translation>
    </message>
    <message>
        <source>Branch %1 is deleted.</source>
        <translation>分支 %1 已删除。</translation>
    </message>
    <message>
        <source>Put it back</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Written %1</source>
        <translation>已写入 %1</translation>
    </message>
    <message>
        <source>Write the report</source>
        <translation>写报告</translation>
    </message>
    <message>
        <source>&amp;Sensitivity</source>
        <translation>敏感度(&amp;S)</translation>
    </message>
    <message>
        <source>What each layer&apos;s quantization costs at the network&apos;s output</source>
        <translation>每层量化对网络输出的影响</translation>
    </message>
    <message>
        <source>Search se&amp;ttings…</source>
        <translation>搜索设置(&amp;T)…</translation>
    </message>
    <message>
        <source>Find settings that reach a target</source>
        <translation>寻找达到目标的设置</translation>
    </message>
    <message>
        <source>&amp;Follow the settings</source>
        <translation>跟随设置(&amp;F)</translation>
    </message>
    <message>
        <source>After each edit the comparison is brought up to date in the background</source>
        <translation>每次修改后在后台更新比较结果</translation>
    </message>
    <message>
        <source>&amp;Memory for values…</source>
        <translation>中间值内存(&amp;M)…</translation>
    </message>
    <message>
        <source>How much memory the values of the network may take</source>
        <translation>网络中间值最多占用多少内存</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>敏感度</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>自动搜索</translation>
    </message>
    <message>
        <source>Memory for values</source>
        <translation>中间值内存</translation>
    </message>
    <message>
        <source>MiB that the values of the network may take:</source>
        <translation>网络中间值可占用的内存（MiB）：</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>手册(&amp;M)</translation>
    </message>
    <message>
        <source>The manual&apos;s page on the view that has the focus</source>
        <translation>打开手册中有关当前视图的一页</translation>
    </message>
    <message>
        <source>%1 checks; the worst: %2</source>
        <translation>%1 条检查结果，最严重的：%2</translation>
    </message>
    <message>
        <source>&amp;Diagnose</source>
        <translation>诊断(&amp;D)</translation>
    </message>
    <message>
        <source>Diagnose</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Why layers break, in which channel, and what helps</source>
        <translation>各层为什么变差、在哪个通道、什么办法有用</translation>
    </message>
    <message>
        <source>&amp;First steps</source>
        <translation>入门(&amp;F)</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>入门</translation>
    </message>
    <message>
        <source>The line below the toolbar: what the last step showed, and what comes next</source>
        <translation>工具栏下方的一行：上一步说明了什么，下一步做什么</translation>
    </message>
    <message>
        <source>Similarit&amp;y as</source>
        <translation>相似度表示(&amp;Y)</translation>
    </message>
    <message>
        <source>&amp;Next view</source>
        <translation>下一面板(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Previous view</source>
        <translation>上一面板(&amp;P)</translation>
    </message>
    <message>
        <source>Take the keyboard to the next view</source>
        <translation>把键盘焦点移到下一面板</translation>
    </message>
    <message>
        <source>Take the keyboard to the view before</source>
        <translation>把键盘焦点移到上一面板</translation>
    </message>
</context>
<context>
    <name>qs::ManualWindow</name>
    <message>
        <source>Manual</source>
        <translation>手册</translation>
    </message>
    <message>
        <source>Find on this page</source>
        <translation>在本页查找</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>后退</translation>
    </message>
</context>
<context>
    <name>qs::MessageBar</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>qs::NetworkEditor</name>
    <message>
        <source>× %1 a batch = %2 samples</source>
        <translation>× 每 batch %1 个 = %2 个样本</translation>
    </message>
</context>
<context>
    <name>qs::NumberField</name>
    <message>
        <source>Range: %1</source>
        <translation>范围：%1</translation>
    </message>
</context>
<context>
    <name>qs::OutputPanel</name>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>whole set</source>
        <translation>整个数据集</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样本</translation>
    </message>
    <message>
        <source> · labelled %1</source>
        <translation> · 标签 %1</translation>
    </message>
    <message>
        <source>the output %1 is not a vector of classes</source>
        <translation>输出 %1 不是类别向量</translation>
    </message>
    <message>
        <source>Calibrate to compare the outputs.</source>
        <translation>校准后可比较输出。</translation>
    </message>
    <message>
        <source>computing…</source>
        <translation>计算中…</translation>
    </message>
    <message>
        <source>class %1</source>
        <translation>类别 %1</translation>
    </message>
    <message>
        <source>top-1 (%)</source>
        <translation>top-1 (%)</translation>
    </message>
    <message>
        <source>Share of samples whose first class is the label</source>
        <translation>首选类别为标签的样本比例</translation>
    </message>
    <message>
        <source>top-5 (%)</source>
        <translation>top-5 (%)</translation>
    </message>
    <message>
        <source>Share of samples whose label is among the first five</source>
        <translation>标签在前五个类别中的样本比例</translation>
    </message>
    <message>
        <source>agreement (%)</source>
        <translation>一致率 (%)</translation>
    </message>
    <message>
        <source>Share of samples whose quantized first class is the float one</source>
        <translation>量化与浮点首选类别相同的样本比例</translation>
    </message>
    <message>
        <source>samples (stale, run again)</source>
        <translation>样本数（已过期，请重新运行）</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Boxes from score 0.5 on, of one class, paired from an overlap (IoU) of 0.5 on</source>
        <translation>得分不低于 0.5 的框，同一类别，交并比（IoU）不低于 0.5 时配对</translation>
    </message>
    <message>
        <source>boxes in both, lost, new</source>
        <translation>两者都有、丢失、新增的框</translation>
    </message>
    <message>
        <source>mAP (%)</source>
        <translation>mAP (%)</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Mean average precision of all quantized boxes whatever their score, with the float ones from 0.5 on as the truth (IoU 0.5)</source>
        <translation>所有量化框（不论得分）的平均精度均值，以得分不低于 0.5 的浮点框为真值（IoU 0.5）</translation>
    </message>
    <message>
        <source>vector of this sample</source>
        <translation>该样本的向量</translation>
    </message>
    <message>
        <source>length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>cosine to the float vector</source>
        <translation>与浮点向量的余弦</translation>
    </message>
    <message>
        <source>distance to the float vector</source>
        <translation>与浮点向量的距离</translation>
    </message>
    <message>
        <source>nearest sample</source>
        <translation>最近的样本</translation>
    </message>
    <message>
        <source>Mean average precision against the labels, over all classes, every point of the curve counted</source>
        <translation>以标签为准的平均精度均值，对所有类别取平均，计入曲线上的每一点</translation>
    </message>
    <message>
        <source>mAP at IoU 0.5 (%)</source>
        <translation>IoU 0.5 时的 mAP（%）</translation>
    </message>
    <message>
        <source>mAP at IoU 0.5 to 0.95 (%)</source>
        <translation>IoU 0.5 至 0.95 的 mAP（%）</translation>
    </message>
    <message>
        <source>pixels of the float class (%)</source>
        <translation>与浮点类别相同的像素（%）</translation>
    </message>
    <message>
        <source>Share of all samples&apos; pixels whose quantized class is the float one</source>
        <translation>所有样本中量化类别与浮点类别相同的像素占比</translation>
    </message>
    <message>
        <source>mean IoU</source>
        <translation>平均 IoU</translation>
    </message>
    <message>
        <source>Intersection over union of each class&apos;s pixels in float and quantized, mean over the classes</source>
        <translation>每个类别在浮点与量化中的像素交并比，对类别取平均</translation>
    </message>
    <message>
        <source>vectors: cosine</source>
        <translation>向量：余弦</translation>
    </message>
    <message>
        <source>Of a sample&apos;s quantized vector to the float one, mean over the samples</source>
        <translation>样本的量化向量与浮点向量的余弦，对样本取平均</translation>
    </message>
    <message>
        <source>vectors: distance</source>
        <translation>向量：距离</translation>
    </message>
    <message>
        <source>Length of the difference of both vectors, mean over the samples</source>
        <translation>两个向量之差的长度，对样本取平均</translation>
    </message>
    <message>
        <source>same neighbour (%)</source>
        <translation>最近邻相同（%）</translation>
    </message>
    <message>
        <source>Share of samples whose nearest neighbour among the samples, by cosine, is the same in float and quantized</source>
        <translation>按余弦计，在各样本中的最近邻在浮点与量化下相同的样本占比</translation>
    </message>
    <message>
        <source>%1: SQNR (dB)</source>
        <translation>%1：SQNR（dB）</translation>
    </message>
</context>
<context>
    <name>qs::PlotBase</name>
    <message>
        <source>Copy data</source>
        <translation>复制数据</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>保存为 PNG…</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>Save as SVG…</source>
        <translation>保存为 SVG…</translation>
    </message>
    <message>
        <source>SVG picture (*.svg)</source>
        <translation>SVG 图片 (*.svg)</translation>
    </message>
    <message>
        <source>Save data as CSV…</source>
        <translation>数据保存为 CSV…</translation>
    </message>
    <message>
        <source>Comma-separated values (*.csv)</source>
        <translation>逗号分隔值 (*.csv)</translation>
    </message>
</context>
<context>
    <name>qs::SampleProbe</name>
    <message>
        <source>Read picture</source>
        <translation>读取图片</translation>
    </message>
</context>
<context>
    <name>qs::SampleTableModel</name>
    <message>
        <source>used</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>class %1 in both</source>
        <translation>两者均为类别 %1</translation>
    </message>
    <message>
        <source>class %1 in float, %2 quantized</source>
        <translation>浮点类别 %1，量化类别 %2</translation>
    </message>
    <message>
        <source>label %1</source>
        <translation>标签 %1</translation>
    </message>
    <message>
        <source>stale: the settings have changed, run again</source>
        <translation>已过期：设置已更改，请重新运行</translation>
    </message>
    <message>
        <source>left out of the comparison</source>
        <translation>未参与比较</translation>
    </message>
    <message>
        <source>not compared yet</source>
        <translation>尚未比较</translation>
    </message>
    <message>
        <source>left out of the calibration</source>
        <translation>未参与校准</translation>
    </message>
    <message>
        <source>one of those that calibrate</source>
        <translation>用于校准</translation>
    </message>
    <message>
        <source>The sample, in the order of the data set</source>
        <translation>样本，按数据集的顺序</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>Signal to quantization noise ratio of this sample&apos;s outputs</source>
        <translation>该样本输出的信号与量化噪声之比</translation>
    </message>
    <message>
        <source>SQNR (dB)</source>
        <translation>SQNR (dB)</translation>
    </message>
    <message>
        <source>The largest difference of any value of the outputs</source>
        <translation>输出中任一值的最大差异</translation>
    </message>
    <message>
        <source>max |Δ|</source>
        <translation>最大 |Δ|</translation>
    </message>
    <message>
        <source>First class of the float network</source>
        <translation>浮点网络的首位类别</translation>
    </message>
    <message>
        <source>Float class</source>
        <translation>浮点类别</translation>
    </message>
    <message>
        <source>First class of the quantized network; coloured where it is another</source>
        <translation>量化网络的首位类别；不同时着色显示</translation>
    </message>
    <message>
        <source>Quantized class</source>
        <translation>量化类别</translation>
    </message>
    <message>
        <source>What the sample is labelled as</source>
        <translation>样本的标签</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Checked: the calibration may take it; used: it is one of the first batches, which it takes</source>
        <translation>勾选：校准可以使用它；“使用”：它属于校准所取的最前面的批次</translation>
    </message>
    <message>
        <source>Calibrates</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Checked: it is part of the comparison</source>
        <translation>勾选：参与比较</translation>
    </message>
    <message>
        <source>Compared</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>%1 boxes</source>
        <translation>%1 个框</translation>
    </message>
    <message>
        <source>%1 of them, %2 new</source>
        <translation>其中 %1 个，新增 %2 个</translation>
    </message>
    <message>
        <source>%1 % of the pixels</source>
        <translation>%1 % 的像素</translation>
    </message>
    <message>
        <source>%1 of this sample&apos;s quantized and float outputs, all outputs as one vector</source>
        <translation>该样本量化与浮点输出的%1，所有输出作为一个向量</translation>
    </message>
</context>
<context>
    <name>qs::SamplesPanel</name>
    <message>
        <source>all samples</source>
        <translation>全部样本</translation>
    </message>
    <message>
        <source>class changed</source>
        <translation>类别改变</translation>
    </message>
    <message>
        <source>wrong in int8 only</source>
        <translation>仅 int8 出错</translation>
    </message>
    <message>
        <source>worst ten</source>
        <translation>最差十个</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>已排除</translation>
    </message>
    <message>
        <source>The float network&apos;s first class is the label, the quantized one&apos;s is not</source>
        <translation>浮点网络的首位类别与标签一致，量化网络的不一致</translation>
    </message>
    <message>
        <source>Filter by name</source>
        <translation>按名称筛选</translation>
    </message>
    <message>
        <source>Thumbnails</source>
        <translation>缩略图</translation>
    </message>
    <message>
        <source>Pictures instead of rows; the edge&apos;s colour says how wrong the output is</source>
        <translation>以图片代替行；边框颜色表示输出误差大小</translation>
    </message>
    <message>
        <source>Open data to see its samples here, with what the network makes of each.</source>
        <translation>打开数据后，这里显示每个样本及网络对它的输出。</translation>
    </message>
    <message>
        <source>%1 of %2 samples</source>
        <translation>%1 / %2 个样本</translation>
    </message>
    <message>
        <source>class changed in %1</source>
        <translation>类别改变 %1 个</translation>
    </message>
    <message>
        <source>the data have no labels</source>
        <translation>数据没有标签</translation>
    </message>
    <message>
        <source>compare to see figures (F6)</source>
        <translation>比较后显示数值 (F6)</translation>
    </message>
    <message>
        <source>stale</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>Read pictures</source>
        <translation>读取图片</translation>
    </message>
    <message>
        <source>%1 samples</source>
        <translation>%1 个样本</translation>
    </message>
    <message>
        <source>Calibrate without %1</source>
        <translation>校准时排除 %1</translation>
    </message>
    <message>
        <source>Calibrate with %1 again</source>
        <translation>校准时重新使用 %1</translation>
    </message>
    <message>
        <source>Look at it in Compare</source>
        <translation>在“比较”中查看</translation>
    </message>
    <message>
        <source>Calibrate without</source>
        <translation>校准时排除</translation>
    </message>
    <message>
        <source>Calibrate with</source>
        <translation>校准时使用</translation>
    </message>
    <message>
        <source>Compare without</source>
        <translation>比较时排除</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>比较时使用</translation>
    </message>
</context>
<context>
    <name>qs::ScatterPlot</name>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
</context>
<context>
    <name>qs::SearchPanel</name>
    <message>
        <source>Give a target and start: every setting that is tried appears here.</source>
        <translation>给出目标并开始：试过的每组设置都会显示在这里。</translation>
    </message>
    <message>
        <source>in 8 bits</source>
        <translation>8 位占比</translation>
    </message>
    <message>
        <source>weights, KiB</source>
        <translation>权重，KiB</translation>
    </message>
    <message>
        <source>agreement</source>
        <translation>一致率</translation>
    </message>
    <message>
        <source>settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>The settings of the selected point, as one step that can be undone</source>
        <translation>应用所选点的设置，可一步撤销</translation>
    </message>
    <message>
        <source>What must stay quantized to 8 bits; 12 and 16 bits count 8/bits, float nothing</source>
        <translation>必须保持 8 位量化的比例；12 位和 16 位按 8/位宽计，浮点不计</translation>
    </message>
    <message>
        <source>of the operations</source>
        <translation>按运算量</translation>
    </message>
    <message>
        <source>of the weights</source>
        <translation>按权重</translation>
    </message>
    <message>
        <source>12 bits</source>
        <translation>12 位</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 位</translation>
    </message>
    <message>
        <source>SNQ weights</source>
        <translation>SNQ 权重</translation>
    </message>
    <message>
        <source>4-bit codebooks where the target allows, least sensitive layers first</source>
        <translation>在目标允许时使用 4 位码本，从最不敏感的层开始</translation>
    </message>
    <message>
        <source>Settings are judged by so many samples, spread evenly over the data</source>
        <translation>用均匀分布于数据集的若干样本评判设置</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>重新开始</translation>
    </message>
    <message>
        <source>Forget what this search has found</source>
        <translation>丢弃此次搜索已有的结果</translation>
    </message>
    <message>
        <source>keep in 8 bits</source>
        <translation>保持 8 位</translation>
    </message>
    <message>
        <source>allow</source>
        <translation>允许</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>A search that was stopped goes on where it was</source>
        <translation>停止的搜索会从原处继续</translation>
    </message>
    <message>
        <source>Calibrate first</source>
        <translation>请先校准</translation>
    </message>
    <message>
        <source>settings tried: %1, on %2 samples</source>
        <translation>在 %2 个样本上试了 %1 组设置</translation>
    </message>
    <message>
        <source>the target is reached</source>
        <translation>已达到目标</translation>
    </message>
    <message>
        <source>the target cannot be reached within the budget; the nearest is marked</source>
        <translation>在预算内无法达到目标；已标出最接近的设置</translation>
    </message>
    <message>
        <source>searching…</source>
        <translation>搜索中…</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>of another network or other data</source>
        <translation>属于其他网络或数据</translation>
    </message>
    <message>
        <source>With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour</source>
        <translation>与浮点相比：类别相同的样本、框的 mAP、类别相同的像素，或最近邻相同的样本</translation>
    </message>
</context>
<context>
    <name>qs::SensitivityPanel</name>
    <message>
        <source>Find sensitive layers</source>
        <translation>查找量化敏感层</translation>
    </message>
    <message>
        <source>1 − cosine</source>
        <translation>1 − 余弦</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>重新运行</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>What does each layer&apos;s quantization cost at the network&apos;s output?</source>
        <translation>每层的量化对网络输出有多大影响？</translation>
    </message>
    <message>
        <source>Calibrate to find sensitive layers.</source>
        <translation>先校准，再查找量化敏感层。</translation>
    </message>
    <message>
        <source>%1 of %2 samples</source>
        <translation>%2 个样本中的 %1 个</translation>
    </message>
    <message>
        <source>stale: the settings have changed</source>
        <translation>已过期：设置已改变</translation>
    </message>
    <message>
        <source>%1 bits: relative L2 error %2</source>
        <translation>%1 比特：相对 L2 误差 %2</translation>
    </message>
    <message>
        <source>As configured, %1</source>
        <translation>按当前配置，%1</translation>
    </message>
    <message>
        <source>predictions&apos; rank correlation %1 and %2 squared</source>
        <translation>预测的秩相关系数 %1，平方形式 %2</translation>
    </message>
    <message>
        <source>Spearman&apos;s rank correlation of the predicted errors with the measured ones (one quantized): near 1, the predictions put the layers into the right order; near 0, do not trust them.</source>
        <translation>预测误差与实测误差（仅量化一层）之间的斯皮尔曼秩相关系数：接近 1 时预测给出的层排序可信；接近 0 时不要相信预测。</translation>
    </message>
    <message>
        <source>no predictions</source>
        <translation>无预测</translation>
    </message>
    <message>
        <source>all quantized: output %1</source>
        <translation>全部量化：输出 %1</translation>
    </message>
    <message>
        <source>1 − agreement</source>
        <translation>1 − 一致率</translation>
    </message>
    <message>
        <source>With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour</source>
        <translation>与浮点相比：类别相同的样本、框的 mAP、类别相同的像素，或最近邻相同的样本</translation>
    </message>
</context>
<context>
    <name>qs::SettingEditor</name>
    <message>
        <source>The weights of this type of layer have one scale for all of them</source>
        <translation>这类层的所有权重共用一个量化因子</translation>
    </message>
    <message>
        <source>LSTM, RNN and GRU are quantized by ARQ with 8 bits, nothing else</source>
        <translation>LSTM、RNN 和 GRU 只能用 ARQ 按 8 位量化</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Back to the default setting of this layer</source>
        <translation>恢复该层的默认设置</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>数据量化</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重量化</translation>
    </message>
    <message>
        <source>The input that the values below belong to</source>
        <translation>以下各值所属的输入</translation>
    </message>
    <message>
        <source>each its own</source>
        <translation>各自设置</translation>
    </message>
    <message>
        <source>Settings for each input of its own (a list in config.json)</source>
        <translation>每个输入单独设置（config.json 中为列表）</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Not as requested: %1</source>
        <translation>与请求不同：%1</translation>
    </message>
    <message>
        <source>as the network (with)</source>
        <translation>同全网（带偏移）</translation>
    </message>
    <message>
        <source>as the network (without)</source>
        <translation>同全网（不带偏移）</translation>
    </message>
    <message>
        <source>It follows the layer that it is %1.</source>
        <translation>设置随其所在的层：%1。</translation>
    </message>
</context>
<context>
    <name>qs::Shell</name>
    <message>
        <source>The program ended without saving. Restore the settings of that time?</source>
        <translation>程序上次未保存即退出。是否恢复当时的设置？</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>The automatic backup cannot be written: %1</source>
        <translation>无法写入自动备份：%1</translation>
    </message>
</context>
<context>
    <name>qs::StatusStrip</name>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消 (Esc)</translation>
    </message>
    <message>
        <source>no network</source>
        <translation>没有网络</translation>
    </message>
    <message>
        <source>calibrate %1 of %2 samples</source>
        <translation>校准 %1 / %2 个样本</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>没有数据</translation>
    </message>
    <message>
        <source>agreement %1 %</source>
        <translation>一致率 %1 %</translation>
    </message>
    <message>
        <source>Share of samples whose quantized first class is the float one</source>
        <translation>量化与浮点首选类别相同的样本比例</translation>
    </message>
    <message>
        <source>stale: run again (F6)</source>
        <translation>已过期：请重新运行 (F6)</translation>
    </message>
    <message>
        <source>full set</source>
        <translation>全集</translation>
    </message>
    <message>
        <source>cancelling…</source>
        <translation>正在取消…</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>剩余 %1</translation>
    </message>
    <message>
        <source>stale: being computed</source>
        <translation>已过期：正在计算</translation>
    </message>
    <message>
        <source>subset: %1 of %2 samples</source>
        <translation>子集：%2 个样本中的 %1 个</translation>
    </message>
    <message>
        <source>What the figures rest on: settings that have changed since (stale), some samples (subset), or all samples (full set)</source>
        <translation>数值的依据：设置已改变（已过期）、部分样本（子集）或全部样本（全集）</translation>
    </message>
    <message>
        <source>cache %1 of %2 GiB</source>
        <translation>缓存 %1 / %2 GiB</translation>
    </message>
    <message>
        <source>Values of the network that are kept, so that an edit computes only what it changes (Analyse &gt; Memory for values)</source>
        <translation>保留的网络中间值，使修改后只需计算受影响的部分（分析 &gt; 中间值内存）</translation>
    </message>
    <message>
        <source>stale: calibrate again (F5)</source>
        <translation>已过期：请重新校准 (F5)</translation>
    </message>
    <message>
        <source>%1 of %2 samples</source>
        <translation>%1 / %2 个样本</translation>
    </message>
    <message>
        <source>Of quantized with float: mAP of boxes, pixels of the same class, or samples with the same neighbour</source>
        <translation>量化与浮点的一致程度：框的 mAP、类别相同的像素，或最近邻相同的样本</translation>
    </message>
</context>
<context>
    <name>qs::Searcher</name>
    <message>
        <source>Search settings</source>
        <translation>搜索设置</translation>
    </message>
    <message>
        <source>Settings found by the search</source>
        <translation>搜索得到的设置</translation>
    </message>
</context>
<context>
    <name>qs::GuidePanel</name>
    <message>
        <source>%1 layers</source>
        <translation>%1 层</translation>
    </message>
    <message>
        <source>Calibrate and compare</source>
        <translation>校准并比较</translation>
    </message>
    <message>
        <source>Cosine similarity that the output and every quantized layer on its own shall reach; the manual asks for 0.99</source>
        <translation>输出以及单独量化的每一层应达到的余弦相似度；手册要求 0.99 以上</translation>
    </message>
    <message>
        <source>Compare again</source>
        <translation>重新比较</translation>
    </message>
    <message>
        <source>Goal: cosine at least</source>
        <translation>目标：余弦相似度不低于</translation>
    </message>
    <message>
        <source>More calibration data (batch_num)</source>
        <translation>增加校准数据（batch_num）</translation>
    </message>
    <message>
        <source>Sensitive layers in float (quant_enable)</source>
        <translation>量化敏感层回退（quant_enable）</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>cumulative</source>
        <translation>累积余弦</translation>
    </message>
    <message>
        <source>remark</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Parameters of sensitive layers</source>
        <translation>量化敏感层的参数</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>change</source>
        <translation>调整</translation>
    </message>
    <message>
        <source>input error</source>
        <translation>输入误差</translation>
    </message>
    <message>
        <source>Open a network (Ctrl+O) to tune its quantization.</source>
        <translation>请先打开网络（Ctrl+O），再进行调优。</translation>
    </message>
    <message>
        <source>Choose the data (F4): calibration and comparison need them.</source>
        <translation>请选择数据（F4）：校准和比较需要数据。</translation>
    </message>
    <message>
        <source>The guide starts from a comparison: calibrate (F5) and compare (F6).</source>
        <translation>调优向导从比较结果开始：请先校准（F5）并比较（F6）。</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>调优向导</translation>
    </message>
    <message>
        <source>agreement %1 %</source>
        <translation>一致率 %1 %</translation>
    </message>
    <message>
        <source>worst layer %1 %2</source>
        <translation>最差层 %1 %2</translation>
    </message>
    <message>
        <source>the settings have changed</source>
        <translation>配置已修改</translation>
    </message>
    <message>
        <source>goal met: the guide ends here</source>
        <translation>精度满足要求：调优向导到此结束</translation>
    </message>
    <message>
        <source>goal not met</source>
        <translation>精度不满足要求</translation>
    </message>
    <message>
        <source>goal not met and nothing left to change: do not quantize this network, or train it quantization-aware</source>
        <translation>精度不满足要求且没有可调整的参数：该网络不能进行量化，或采用量化感知训练</translation>
    </message>
    <message>
        <source>Calibrated on %1 samples: batch_num %2 × batch %3. The manual advises 16 or 32.</source>
        <translation>校准使用 %1 个样本：batch_num %2 × batch %3。手册建议为 16 或 32。</translation>
    </message>
    <message>
        <source>The data set has only %1: give more.</source>
        <translation>数据集只有 %1 个样本：请提供更多数据。</translation>
    </message>
    <message>
        <source>Nothing to change here.</source>
        <translation>此处无需调整。</translation>
    </message>
    <message>
        <source>first layer</source>
        <translation>首层</translation>
    </message>
    <message>
        <source>last layer</source>
        <translation>尾层</translation>
    </message>
    <message>
        <source>few parameters</source>
        <translation>参数量偏少</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 个参数</translation>
    </message>
    <message>
        <source>The goal is met: no layer needs to be switched off.</source>
        <translation>精度满足要求：无需取消任何层的量化。</translation>
    </message>
    <message>
        <source>Below %1 when they alone are quantized, the worst first:</source>
        <translation>仅量化该层时余弦相似度低于 %1 的层，误差大者在前：</translation>
    </message>
    <message>
        <source>No quantized layer is below %1.</source>
        <translation>没有低于 %1 的量化层。</translation>
    </message>
    <message>
        <source>No layer is below %1 on its own, but the output is: the errors add up. These add most:</source>
        <translation>没有单层低于 %1，但输出低于该值：误差逐层累积。影响最大的层：</translation>
    </message>
    <message>
        <source> (weights)</source>
        <translation>（权重）</translation>
    </message>
    <message>
        <source> (data)</source>
        <translation>（数据）</translation>
    </message>
    <message>
        <source>, input %1</source>
        <translation>，输入 %1</translation>
    </message>
    <message>
        <source>The goal is met: no parameter needs to be changed.</source>
        <translation>精度满足要求：无需调整参数。</translation>
    </message>
    <message>
        <source>No sensitive layer has a parameter left to change.</source>
        <translation>量化敏感层没有可继续调整的参数。</translation>
    </message>
    <message>
        <source>agreement</source>
        <translation>一致率</translation>
    </message>
    <message>
        <source>top-1</source>
        <translation>top-1</translation>
    </message>
    <message>
        <source>worst layer</source>
        <translation>最差层</translation>
    </message>
    <message>
        <source>undone</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>applied</source>
        <translation>已应用</translation>
    </message>
    <message>
        <source>Set batch_num to %1</source>
        <translation>将 batch_num 设为 %1</translation>
    </message>
    <message>
        <source>Keep %1 in float</source>
        <translation>%1 保持浮点</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>调整 %1</translation>
    </message>
    <message>
        <source>Calibrate on %1 batches</source>
        <translation>用 %1 个 batch 校准</translation>
    </message>
    <message>
        <source>%1 local</source>
        <translation>单层 %1</translation>
    </message>
    <message>
        <source>output %1</source>
        <translation>输出 %1</translation>
    </message>
    <message>
        <source>For the layers that stay quantized:</source>
        <translation>针对保持量化的层：</translation>
    </message>
    <message>
        <source>Input error: squared error of the quantized input, by what calibration saw.</source>
        <translation>输入误差：按校准时的数据计算的量化输入平方误差。</translation>
    </message>
</context>
<context>
    <name>qs::GuideStepCard</name>
    <message>
        <source>before</source>
        <translation>调整前</translation>
    </message>
    <message>
        <source>after</source>
        <translation>调整后</translation>
    </message>
</context>
<context>
    <name>qs::ValueBox</name>
    <message>
        <source>%1 cannot be written</source>
        <translation>无法写入 %1</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>保存为 PNG…</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>Save all channels as .npy…</source>
        <translation>将所有通道保存为 .npy…</translation>
    </message>
    <message>
        <source>NumPy array (*.npy)</source>
        <translation>NumPy 数组 (*.npy)</translation>
    </message>
</context>
<context>
    <name>qs::WelcomePage</name>
    <message>
        <source>See what quantization does to a network, layer by layer.</source>
        <translation>逐层查看量化对网络的影响。</translation>
    </message>
    <message>
        <source>Open a network</source>
        <translation>打开网络</translation>
    </message>
    <message>
        <source>Caffe .prototxt with .caffemodel, ONNX, or a project (Ctrl+O)</source>
        <translation>Caffe .prototxt 与 .caffemodel、ONNX 或工程 (Ctrl+O)</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>A small classifier with one layer that does not like int8</source>
        <translation>一个小分类网络，其中一层对 int8 敏感</translation>
    </message>
    <message>
        <source>Drop files here</source>
        <translation>将文件拖放到这里</translation>
    </message>
    <message>
        <source>A network, a project or a folder of pictures</source>
        <translation>网络、工程或图片文件夹</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近使用</translation>
    </message>
</context>
<context>
    <name>qs::Workflow</name>
    <message>
        <source>%1: cancelled</source>
        <translation>%1：已取消</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>%1: %2 layers</source>
        <translation>%1：%2 层</translation>
    </message>
    <message>
        <source>Save %1</source>
        <translation>保存 %1</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>Open data %1</source>
        <translation>打开数据 %1</translation>
    </message>
    <message>
        <source>%1: %2 samples</source>
        <translation>%1：%2 个样本</translation>
    </message>
    <message>
        <source>left out: %1</source>
        <translation>跳过：%1</translation>
    </message>
    <message>
        <source>Calibrate on %1 batches</source>
        <translation>用 %1 批数据校准</translation>
    </message>
    <message>
        <source>Apply the settings</source>
        <translation>应用设置</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Calibrated on %1 samples in %2 s</source>
        <translation>已用 %1 个样本校准，用时 %2 秒</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compared %1 samples in %2 s</source>
        <translation>已比较 %1 个样本，用时 %2 秒</translation>
    </message>
    <message>
        <source>Prepare the export</source>
        <translation>准备导出</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Exported %1 files to %2</source>
        <translation>已导出 %1 个文件到 %2</translation>
    </message>
    <message>
        <source>Compare one sample</source>
        <translation>比较单个样本</translation>
    </message>
    <message>
        <source>Quantization factors</source>
        <translation>量化因子</translation>
    </message>
    <message>
        <source>Run one sample in integers</source>
        <translation>以整数运行一个样本</translation>
    </message>
    <message>
        <source>The branch that this was computed for is gone.</source>
        <translation>此结果所属的分支已不存在。</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Written %1</source>
        <translation>已写入 %1</translation>
    </message>
    <message>
        <source>Write without in-place layers</source>
        <translation>导出无 in-place 层的网络</translation>
    </message>
    <message>
        <source>The network of %1 is not at %2</source>
        <translation>%1 的网络不在 %2</translation>
    </message>
    <message>
        <source>The data of this project are not at %1</source>
        <translation>此工程的数据不在 %1</translation>
    </message>
    <message>
        <source>Check for %1</source>
        <translation>按 %1 检查</translation>
    </message>
    <message>
        <source>The target %1 is not known here: %2 is taken, and the name is kept</source>
        <translation>不认识目标 %1：改用 %2，名称保留</translation>
    </message>
    <message>
        <source>Read the results</source>
        <translation>读取结果</translation>
    </message>
    <message>
        <source>What was computed before cannot be read, and is computed again: %1</source>
        <translation>无法读取以前的计算结果，将重新计算：%1</translation>
    </message>
    <message>
        <source>The data or the program are others than when the project was saved: its figures are stale; if the calibration samples are others, calibrate again (F5)</source>
        <translation>数据或程序与保存工程时不同：其数值已过期；如果校准样本已改变，请重新校准 (F5)</translation>
    </message>
</context>
<context>
    <name>qs::ClassMapView</name>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>other class</source>
        <translation>类别不同</translation>
    </message>
    <message>
        <source>class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>float, %</source>
        <translation>浮点，%</translation>
    </message>
    <message>
        <source>quantized, %</source>
        <translation>量化，%</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>Share of the pixels that have the class</source>
        <translation>属于该类别的像素占比</translation>
    </message>
    <message>
        <source>Pixels that have the class in both, of those that have it in one of the two</source>
        <translation>两者都属于该类别的像素，占至少一方属于该类别的像素的比例</translation>
    </message>
    <message>
        <source>%1 % of the pixels have the float class, mean IoU %2</source>
        <translation>%1 % 的像素与浮点类别相同，平均 IoU %2</translation>
    </message>
</context>
<context>
    <name>SearchMeasure</name>
    <message>
        <source>output cosine at least</source>
        <translation>输出余弦不低于</translation>
    </message>
    <message>
        <source>agreement at least, %</source>
        <translation>一致率不低于，%</translation>
    </message>
    <message>
        <source>top-1 drop at most, points</source>
        <translation>top-1 下降不超过，百分点</translation>
    </message>
    <message>
        <source>mAP with float as reference at least, %</source>
        <translation>以浮点为准的 mAP 不低于，%</translation>
    </message>
    <message>
        <source>pixels of the float class at least, %</source>
        <translation>与浮点类别相同的像素不低于，%</translation>
    </message>
    <message>
        <source>samples with the same neighbour at least, %</source>
        <translation>最近邻相同的样本不低于，%</translation>
    </message>
</context>
<context>
    <name>qs::FirstSteps</name>
    <message>
        <source>%1 layers have factors now.</source>
        <translation>现在 %1 个层有量化因子。</translation>
    </message>
    <message>
        <source>%1 samples are open.</source>
        <translation>已打开 %1 个样本。</translation>
    </message>
    <message>
        <source>%1: %2. What helps is tried on some samples.</source>
        <translation>%1：%2。接下来在部分样本上试用补救办法。</translation>
    </message>
    <message>
        <source>Output %1, agreement %2 %.</source>
        <translation>输出 %1，一致率 %2 %。</translation>
    </message>
    <message>
        <source>Output %1.</source>
        <translation>输出 %1。</translation>
    </message>
    <message>
        <source>A diagnosis says why it breaks.</source>
        <translation>诊断会说明它为何失效。</translation>
    </message>
    <message>
        <source>All six steps</source>
        <translation>六步完成</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Best for %1: %2. The output goes from %3 to %4. Take it: one step that can be undone.</source>
        <translation>%1 的最佳补救办法：%2。输出由 %3 变为 %4。应用它只是一步，可以撤销。</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Calibration runs some of them through the float network and finds scale and offset of every layer.</source>
        <translation>校准让其中一部分通过浮点网络，求出每层的 scale 和 offset。</translation>
    </message>
    <message>
        <source>Close; Help &gt; First steps goes on here</source>
        <translation>关闭；“帮助 &gt; 入门”可从此处继续</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Comparing runs float and quantized side by side and shows where they part.</source>
        <translation>比较同时运行浮点与量化网络，显示两者从哪里开始偏离。</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Data…</source>
        <translation>数据…</translation>
    </message>
    <message>
        <source>Diagnose</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export writes the files for %1.</source>
        <translation>导出会写出 %1 的文件。</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Go on to the next step without this one</source>
        <translation>跳过这一步，继续下一步</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>None of the remedies that were tried for %1 helps. More bits or a search may; leave this step out to go on.</source>
        <translation>试过的补救办法对 %1 都无效。更多位宽或搜索可能有效；也可跳过这一步。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open a network, or the demo: a small classifier with one layer that breaks on purpose.</source>
        <translation>打开一个网络，或打开示例：一个特意让某一层失效的小分类网络。</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Step %1 of 6: %2</source>
        <translation>第 %1 步，共 6 步：%2</translation>
    </message>
    <message>
        <source>The files are in %1.</source>
        <translation>文件在 %1。</translation>
    </message>
    <message>
        <source>The network has %1 layers. Choose pictures: some to calibrate on, all to compare on.</source>
        <translation>网络有 %1 层。请选择图片：一部分用于校准，全部用于比较。</translation>
    </message>
    <message>
        <source>The report (Ctrl+P) says all of it to others.</source>
        <translation>报告（Ctrl+P）可把这一切告诉他人。</translation>
    </message>
    <message>
        <source>The settings have changed.</source>
        <translation>设置已改变。</translation>
    </message>
    <message>
        <source>The worst layer on its own is %1 (%2).</source>
        <translation>单独看最差的层是 %1（%2）。</translation>
    </message>
    <message>
        <source>These were the steps.</source>
        <translation>步骤到此为止。</translation>
    </message>
    <message>
        <source>Try remedies</source>
        <translation>试用补救办法</translation>
    </message>
    <message>
        <source>no cause that is known</source>
        <translation>没有已知的原因</translation>
    </message>
</context>
<context>
    <name>qs::VoxelForm</name>
    <message>
        <source>Metres of a voxel along x, y, z</source>
        <translation>体素沿 x、y、z 的边长（米）</translation>
    </message>
    <message>
        <source>Least x, y, z, then the largest, in metres: points outside are left</source>
        <translation>x、y、z 的最小值，然后是最大值（米）：范围之外的点不取</translation>
    </message>
    <message>
        <source>Numbers of a point in the file: x, y, z, intensity, time are five</source>
        <translation>文件中每个点的数值个数：x、y、z、强度、时间共五个</translation>
    </message>
    <message>
        <source>Points of a voxel that count: its features are their mean</source>
        <translation>每个体素计入的点数：特征是这些点的平均值</translation>
    </message>
    <message>
        <source>sites in reverse order</source>
        <translation>位置反序</translation>
    </message>
    <message>
        <source>z, y, x for x, y, z: as the network counts the sides of its grid</source>
        <translation>以 z、y、x 代替 x、y、z：与网络栅格各边的顺序一致</translation>
    </message>
    <message>
        <source>Voxel size</source>
        <translation>体素大小</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Numbers of a point</source>
        <translation>每点数值个数</translation>
    </message>
    <message>
        <source>Points of a voxel</source>
        <translation>每体素点数</translation>
    </message>
    <message>
        <source>Voxels at most</source>
        <translation>体素数上限</translation>
    </message>
</context>
</TS>
