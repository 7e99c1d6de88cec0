// The graph as the planner reads it.
// RUN: adf-opt %s -adf-export-graph -o /dev/null | %python -c "import json,sys; [print(json.dumps(l, sort_keys=True)) for l in json.load(sys.stdin)]" | FileCheck %s

// 4 x 4 x 16 outputs of 3 x 3 x 3 products: 6912. Weights 16 * 27 bytes, and 12 bytes of parameters for each output.
// CHECK: {"all_channels": false, "channelwise": false, "column_weights": false,
// CHECK-SAME: "columns": {"pad": 1, "span": 3, "stride": 1}, "dilation": [1, 1],
// CHECK-SAME: "input_shapes": {{\[\[}}4, 4, 3]], "inputs": ["%0"], "kernel": [3, 3], "kind": "conv2d", "location": "model.py:7",
// CHECK-SAME: "macs": 6912, "name": "c1", "output_shape": [4, 4, 16], "pad": [1, 1, 1, 1],
// CHECK-SAME: "passes": 1, "rows": {"pad": 1, "span": 3, "stride": 1}, "stride": [1, 1], "views": false, "weight_bytes": 624,
// CHECK-SAME: "weights_block": {"fixed": 0, "per_output": 12, "per_pair": 9}}
// CHECK: "channelwise": true
// CHECK-SAME: "inputs": ["c1", "c1"], "kind": "add"
// CHECK-SAME: "weights_block": {"fixed": 0, "per_output": 0, "per_pair": 0}}
// CHECK: "inputs": ["a1"], "kind": "mean2d"
// A depthwise weight belongs to its output channel alone: 16 x 3 x 3 bytes.
// CHECK: "channelwise": true
// CHECK-SAME: "kind": "depthwise_conv2d"
// CHECK-SAME: "macs": 2304, "name": "d1"
// CHECK-SAME: "weight_bytes": 336, "weights_block": {"fixed": 0, "per_output": 21, "per_pair": 0}}
// CHECK: "kind": "table"
// CHECK-SAME: "weights_block": {"fixed": 256, "per_output": 0, "per_pair": 0}}
adf.graph @main(%x: tensor<1x4x4x3xi8>) -> tensor<1x1x1x16xi8> {
  %w = adf.constant dense<1> : tensor<16x3x3x3xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.conv2d "c1" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    : (tensor<1x4x4x3xi8>, tensor<16x3x3x3xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8> loc("c1"("model.py":7:0))
  %1 = adf.add "a1" %0, %0 lhs <1, 2> rhs <1, 2> out <1, 2> clamp [0, 127]
    : (tensor<1x4x4x16xi8>, tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
  %2 = adf.reshape %1 : tensor<1x4x4x16xi8> to tensor<1x2x8x16xi8>
  %3 = adf.mean2d "m1" %2 rescale <1, 2> clamp [0, 127] : (tensor<1x2x8x16xi8>) -> tensor<1x1x1x16xi8>
  adf.output %3 : tensor<1x1x1x16xi8>
}
adf.graph @channelwise(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8> {
  %w = adf.constant dense<1> : tensor<3x3x16x1xi8>
  %b = adf.constant dense<0> : tensor<16xi32>
  %0 = adf.depthwise_conv2d "d1" %x, %w, %b stride [1, 1] pad [1, 1, 1, 1] dilation [1, 1] clamp [0, 127]
    multiplier dense<19661> : tensor<16xi16> shift dense<15> : tensor<16xi8>
    : (tensor<1x4x4x16xi8>, tensor<3x3x16x1xi8>, tensor<16xi32>) -> tensor<1x4x4x16xi8>
  %1 = adf.table "t1" %0 table dense<7> : tensor<256xi8> : (tensor<1x4x4x16xi8>) -> tensor<1x4x4x16xi8>
  adf.output %1 : tensor<1x4x4x16xi8>
}
// Part of a tensor is read, and part of one is written: "views" says that these layers do not stand alone.
// CHECK: "inputs": ["%0"], "kind": "copy"
// CHECK-SAME: "name": "v1"
// CHECK-SAME: "views": true
// CHECK: "inputs": ["v1+%0"], "kind": "copy"
// CHECK-SAME: "name": "v2"
// CHECK-SAME: "views": true
adf.graph @views(%x: tensor<1x4x4x8xi8>) -> tensor<1x8x4x8xi8> {
  %0 = adf.copy "v1" %x : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  %1 = adf.assemble "cat" %0, %x places [0, 0, 0, 1, 1, 4, 0, 0, 1, 1]
    : (tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>) -> tensor<1x8x4x8xi8>
  %2 = adf.copy "v2" %1 : (tensor<1x8x4x8xi8>) -> tensor<1x8x4x8xi8>
  adf.output %2 : tensor<1x8x4x8xi8>
}
