// Folders of the graph level.
// RUN: adf-opt %s -canonicalize -split-input-file | FileCheck %s

// A reshape to the same type is no operation.
// CHECK-LABEL: adf.graph @same
adf.graph @same(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  // CHECK-NOT: adf.reshape
  // CHECK: adf.output %arg0
  %0 = adf.reshape %x : tensor<1x4x4x8xi8> to tensor<1x4x4x8xi8>
  adf.output %0 : tensor<1x4x4x8xi8>
}

// -----

// Two reshapes are one.
// CHECK-LABEL: adf.graph @twice
adf.graph @twice(%x: tensor<1x4x4x8xi8>) -> tensor<1x128xi8> {
  // CHECK-NEXT: %[[R:.+]] = adf.reshape %arg0 : tensor<1x4x4x8xi8> to tensor<1x128xi8>
  // CHECK-NEXT: adf.output %[[R]]
  %0 = adf.reshape %x : tensor<1x4x4x8xi8> to tensor<1x1x16x8xi8>
  %1 = adf.reshape %0 : tensor<1x1x16x8xi8> to tensor<1x128xi8>
  adf.output %1 : tensor<1x128xi8>
}

// -----

// There and back again is nothing.
// CHECK-LABEL: adf.graph @back
adf.graph @back(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  // CHECK-NEXT: adf.output %arg0
  %0 = adf.reshape %x : tensor<1x4x4x8xi8> to tensor<1x128xi8>
  %1 = adf.reshape %0 : tensor<1x128xi8> to tensor<1x4x4x8xi8>
  adf.output %1 : tensor<1x4x4x8xi8>
}

// -----

// A kernel whose result nobody uses is dropped.
// CHECK-LABEL: adf.graph @dead
adf.graph @dead(%x: tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8> {
  // CHECK-NOT: adf.max_pool2d
  // CHECK: adf.output %arg0
  %0 = adf.max_pool2d "pool" %x kernel [2, 2] stride [1, 1] pad [0, 0, 0, 0] : (tensor<1x2x2x4xi8>) -> tensor<1x1x1x4xi8>
  adf.output %x : tensor<1x2x2x4xi8>
}
