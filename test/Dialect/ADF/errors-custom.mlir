// RUN: adf-opt %s -split-input-file -verify-diagnostics

adf.graph @cost(%x: tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8> {
  // expected-error @+1 {{'cost' has numbers, none negative, in the slots mac, load_a, load_b, store and move; 'vector' is not such a one}}
  %y = adf.custom "a" "a::b" %x tiling elementwise scratch 0 code {language = "c", source = "", entry = "b", defines = ""}
    cost {vector = 1.0} : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8>
  adf.output %y : tensor<1x8x8x4xi8>
}

// -----

adf.graph @code(%x: tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8> {
  // expected-error @+1 {{'code' must have a string 'entry'}}
  %y = adf.custom "a" "a::b" %x tiling elementwise scratch 0 code {language = "c", source = ""}
    cost {} : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8>
  adf.output %y : tensor<1x8x8x4xi8>
}

// -----

adf.graph @window(%x: tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8> {
  // expected-error @+1 {{needs 'window' where its tiling is windows, and only there}}
  %y = adf.custom "a" "a::b" %x tiling windows scratch 0 code {language = "c", source = "", entry = "b", defines = ""}
    cost {} : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8>
  adf.output %y : tensor<1x8x8x4xi8>
}

// -----

adf.graph @rows(%x: tensor<1x8x8x4xi8>) -> tensor<1x7x7x4xi8> {
  // expected-error @+1 {{result must have 6 rows and 6 columns}}
  %y = adf.custom "a" "a::b" %x tiling windows window [3, 3, 1, 1, 0, 0, 0, 0] scratch 0
    code {language = "c", source = "", entry = "b", defines = ""} cost {} : (tensor<1x8x8x4xi8>) -> tensor<1x7x7x4xi8>
  adf.output %y : tensor<1x7x7x4xi8>
}
