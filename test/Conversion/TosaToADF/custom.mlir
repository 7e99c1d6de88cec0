// RUN: adf-opt %s -split-input-file -verify-diagnostics -convert-tosa-to-adf | FileCheck %s
// Operators of packages: what their attributes say becomes an adf.custom.

// CHECK-LABEL: adf.graph @elementwise
// CHECK: adf.custom "custom" "mine::leaky" %{{.*}} tiling elementwise scratch 0
// CHECK-SAME: code {defines = "SHIFT 7\0A", entry = "leaky", language = "c", source = "void leaky();"}
// CHECK-SAME: cost {load_a = 1.000000e+00 : f64} constant dense<3> : tensor<256xi8>
func.func @elementwise(%x: tensor<1x8x6x4xi8>) -> tensor<1x8x6x4xi8> {
  %table = "tosa.const"() {values = dense<3> : tensor<256xi8>} : () -> tensor<256xi8>
  %y = tosa.custom %x, %table {operator_name = "mine::leaky", domain_name = "adfc", implementation_attrs =
    "{\"tiling\": \"elementwise\", \"constant\": true, \"cost\": {\"load_a\": 1}, \"language\": \"c\", \"source\": \"void leaky();\", \"entry\": \"leaky\", \"defines\": \"SHIFT 7\\n\"}"}
    : (tensor<1x8x6x4xi8>, tensor<256xi8>) -> tensor<1x8x6x4xi8>
  return %y : tensor<1x8x6x4xi8>
}

// -----

// The last axis may change; other axes are rows.
// CHECK-LABEL: adf.graph @rows
// CHECK: adf.custom "custom" "mine::crc" %{{.*}} tiling rows scratch 64
// CHECK-SAME: (tensor<1x10x1x12xi8>) -> tensor<1x10x1x4xi8>
func.func @rows(%x: tensor<2x5x12xi8>) -> tensor<2x5x4xi8> {
  %y = tosa.custom %x {operator_name = "mine::crc", domain_name = "adfc", implementation_attrs =
    "{\"tiling\": \"rows\", \"scratch\": 64, \"cost\": {}, \"language\": \"c\", \"source\": \"\", \"entry\": \"crc\", \"defines\": \"\"}"}
    : (tensor<2x5x12xi8>) -> tensor<2x5x4xi8>
  return %y : tensor<2x5x4xi8>
}

// -----

// CHECK-LABEL: adf.graph @windows
// CHECK: tiling windows window [3, 3, 2, 2, 1, 1, 1, 1] scratch 0
func.func @windows(%x: tensor<1x8x8x4xi8>) -> tensor<1x4x4x4xi8> {
  %y = tosa.custom %x {operator_name = "mine::median", domain_name = "adfc", implementation_attrs =
    "{\"tiling\": \"windows\", \"window\": [3, 3, 2, 2, 1, 1, 1, 1], \"cost\": {}, \"language\": \"c\", \"source\": \"\", \"entry\": \"m\", \"defines\": \"\"}"}
    : (tensor<1x8x8x4xi8>) -> tensor<1x4x4x4xi8>
  return %y : tensor<1x4x4x4xi8>
}

// -----

func.func @domain(%x: tensor<1x8xi8>) -> tensor<1x8xi8> {
  // expected-error @+1 {{cannot be converted: its domain is 'acme', not 'adfc'}}
  %y = tosa.custom %x {operator_name = "a", domain_name = "acme", implementation_attrs = "{}"} : (tensor<1x8xi8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// -----

func.func @tiling(%x: tensor<1x8xi8>) -> tensor<1x8xi8> {
  // expected-error @+1 {{cannot be converted: its tiling must be elementwise, rows or windows}}
  %y = tosa.custom %x {operator_name = "a", domain_name = "adfc", implementation_attrs = "{}"} : (tensor<1x8xi8>) -> tensor<1x8xi8>
  return %y : tensor<1x8xi8>
}

// -----

func.func @shape(%x: tensor<1x8xi8>) -> tensor<2x8xi8> {
  // expected-error @+1 {{cannot be converted: its result must have its inputs' shape but for the last axis}}
  %y = tosa.custom %x {operator_name = "a", domain_name = "adfc", implementation_attrs =
    "{\"tiling\": \"rows\", \"cost\": {}, \"language\": \"c\", \"source\": \"\", \"entry\": \"m\", \"defines\": \"\"}"}
    : (tensor<1x8xi8>) -> tensor<2x8xi8>
  return %y : tensor<2x8xi8>
}
