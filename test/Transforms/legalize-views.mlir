// A part lies in one tensor only, and only where a kernel makes it; all else is copied.
// RUN: adf-opt %s -adf-legalize-views -split-input-file | FileCheck %s

// The input, the second place of a tensor, and the output that a view would be.
// CHECK-LABEL: adf.graph @copies
// CHECK: %[[T:.+]] = adf.table "t"
// CHECK: %[[X:.+]] = adf.copy "cat.copy" %arg0
// CHECK: %[[U:.+]] = adf.copy "cat.copy_1" %[[T]]
// CHECK: %[[C:.+]] = adf.assemble "cat" %[[T]], %[[X]], %[[U]]
// CHECK: %[[S:.+]] = adf.slice %[[C]]
// CHECK: %[[O:.+]] = adf.copy "output.copy" %[[S]]
// CHECK: adf.output %[[O]]
adf.graph @copies(%x: tensor<1x4x4x8xi8>) -> tensor<1x2x4x24xi8> {
  %t = adf.table "t" %x table dense<5> : tensor<256xi8> : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  %c = adf.assemble "cat" %t, %x, %t places [0, 0, 0, 1, 1, 0, 0, 8, 1, 1, 0, 0, 16, 1, 1]
    : (tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>) -> tensor<1x4x4x24xi8>
  %s = adf.slice %c offset [2, 0, 0] step [1, 1] : tensor<1x4x4x24xi8> to tensor<1x2x4x24xi8>
  adf.output %s : tensor<1x2x4x24xi8>
}

// -----

// A reshape needs a tensor without gaps, and an output one of its own.
// CHECK-LABEL: adf.graph @own
// CHECK: %[[T:.+]] = adf.table "t"
// CHECK: %[[U:.+]] = adf.copy "cat.copy" %[[T]]
// CHECK: adf.assemble "cat" %[[U]], %[[U2:.+]] places
// CHECK: adf.reshape %[[T]]
adf.graph @own(%x: tensor<1x4x4x8xi8>) -> (tensor<1x8x4x8xi8>, tensor<1x128xi8>) {
  %t = adf.table "t" %x table dense<5> : tensor<256xi8> : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  %u = adf.table "u" %x table dense<6> : tensor<256xi8> : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8>
  %c = adf.assemble "cat" %t, %u places [0, 0, 0, 1, 1, 4, 0, 0, 1, 1]
    : (tensor<1x4x4x8xi8>, tensor<1x4x4x8xi8>) -> tensor<1x8x4x8xi8>
  %r = adf.reshape %t : tensor<1x4x4x8xi8> to tensor<1x128xi8>
  adf.output %c, %r : tensor<1x8x4x8xi8>, tensor<1x128xi8>
}
