# MLIR 22: how our C++ sees it, and TableGen for dialects and passes.
#
#   adfc_mlir   interface target with every flag and the two shared libraries (MLIR, LLVM). libADFC links it
#               PUBLIC; nothing else links MLIR's static libraries, for a second copy of MLIR in a process aborts.
#
#   adfc_library(NAME SOURCE...)
#       the one shared library libADFC.so (dialects, passes, targets, C API): flags, precompiled header,
#       place in the wheel. Called once, in lib/CMakeLists.txt.
#
#   adfc_tablegen_dialect(TARGET PREFIX DIALECT TD [ATTRDEFS] [TYPEDEFS] [ENUMS] [OP_INTERFACES] [ATTR_INTERFACES]
#                         [TYPE_INTERFACES])
#       from the calling folder's file TD (which includes the dialect's other .td files) makes, in the
#       matching build folder, PREFIXDialect, PREFIXOps and what is asked for of PREFIXAttrs, PREFIXTypes,
#       PREFIXEnums, PREFIXOpInterfaces, PREFIXAttrInterfaces, PREFIXTypeInterfaces: .h.inc and .cpp.inc each.
#       TARGET is the custom target to depend on. Also docs/Dialects/PREFIX.md in the build tree (target adfc_docs).
#       In dialects/ADF/CMakeLists.txt:  adfc_tablegen_dialect(ADFIncGen ADF adf ADFOps.td TYPEDEFS ENUMS)
#       In C++:                          #include "ADF/ADFOps.h.inc"
#
#   adfc_tablegen_passes(TARGET PREFIX TD)
#       PREFIXPasses.h.inc from the calling folder's Passes.td, and docs/Passes/PREFIX.md.
#
# Include roots, for C++ and TableGen alike: dialects/ and lib/ of the source and the build tree, and the spec headers.

find_package(MLIR 22.1 CONFIG QUIET HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT MLIR_FOUND)
  message(FATAL_ERROR "adfc: MLIR 22 not found. Install it (Debian: apt-get install libmlir-22-dev mlir-22-tools "
    "llvm-22-dev llvm-22-tools lld-22), or say where it is: -DMLIR_DIR=<prefix>/lib/cmake/mlir")
endif()
message(STATUS "adfc: MLIR ${MLIR_VERSION} in ${MLIR_DIR}")

list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# mlir-tblgen takes its -I from the folder's property.
include_directories(
  "${PROJECT_SOURCE_DIR}/dialects" "${PROJECT_BINARY_DIR}/dialects"
  "${PROJECT_SOURCE_DIR}/lib" "${PROJECT_BINARY_DIR}/lib"
  "${ADFC_SPEC_INCLUDE}")
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})

# As one string, CMake would pass the definitions on wrongly ("_GLIBCXX_USE_CXX11_ABI redefined").
separate_arguments(adfc_llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
add_library(adfc_mlir INTERFACE)
target_compile_definitions(adfc_mlir INTERFACE ${adfc_llvm_definitions})
target_compile_options(adfc_mlir INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-unused-parameter;-fvisibility-inlines-hidden;-ffunction-sections;-fdata-sections>)
target_link_libraries(adfc_mlir INTERFACE MLIR LLVM adfc_spec)

add_custom_target(adfc_docs)

function(adfc_library name)
  add_library(${name} SHARED ${ARGN})
  target_link_libraries(${name} PUBLIC adfc_mlir)
  # PRIVATE: the Python extension needs exceptions.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions;-Werror>)
  if(ADFC_PCH)
    target_precompile_headers(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${PROJECT_SOURCE_DIR}/cmake/ADFCPrecompiled.h>")
  endif()
  adfc_install(${name})
endfunction()

# One generated pair NAME.h.inc, NAME.cpp.inc; EXTRA are flags of both.
macro(_adfc_inc_pair name declarations definitions)
  mlir_tablegen(${name}.h.inc ${declarations} ${ARGN})
  mlir_tablegen(${name}.cpp.inc ${definitions} ${ARGN})
endmacro()

macro(_adfc_doc folder prefix)
  mlir_tablegen(${prefix}.md ${ARGN})
  list(APPEND TABLEGEN_OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${prefix}.md")
  set(_doc "${PROJECT_BINARY_DIR}/docs/${folder}/${prefix}.md")
  add_custom_command(OUTPUT "${_doc}"
    COMMAND ${CMAKE_COMMAND} -E copy_if_different "${CMAKE_CURRENT_BINARY_DIR}/${prefix}.md" "${_doc}"
    DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/${prefix}.md")
  add_custom_target(adfc_doc_${prefix}_${folder} DEPENDS "${_doc}")
  add_dependencies(adfc_docs adfc_doc_${prefix}_${folder})
endmacro()

function(adfc_tablegen_dialect target prefix dialect td)
  cmake_parse_arguments(arg "ATTRDEFS;TYPEDEFS;ENUMS;OP_INTERFACES;ATTR_INTERFACES;TYPE_INTERFACES" "" "" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "adfc_tablegen_dialect(${target}): unknown words: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(LLVM_TARGET_DEFINITIONS ${td})
  _adfc_inc_pair(${prefix}Dialect -gen-dialect-decls -gen-dialect-defs -dialect=${dialect})
  _adfc_inc_pair(${prefix}Ops -gen-op-decls -gen-op-defs)
  if(arg_ATTRDEFS)
    _adfc_inc_pair(${prefix}Attrs -gen-attrdef-decls -gen-attrdef-defs -attrdefs-dialect=${dialect})
  endif()
  if(arg_TYPEDEFS)
    _adfc_inc_pair(${prefix}Types -gen-typedef-decls -gen-typedef-defs -typedefs-dialect=${dialect})
  endif()
  if(arg_ENUMS)
    _adfc_inc_pair(${prefix}Enums -gen-enum-decls -gen-enum-defs)
  endif()
  if(arg_OP_INTERFACES)
    _adfc_inc_pair(${prefix}OpInterfaces -gen-op-interface-decls -gen-op-interface-defs)
  endif()
  if(arg_ATTR_INTERFACES)
    _adfc_inc_pair(${prefix}AttrInterfaces -gen-attr-interface-decls -gen-attr-interface-defs)
  endif()
  if(arg_TYPE_INTERFACES)
    _adfc_inc_pair(${prefix}TypeInterfaces -gen-type-interface-decls -gen-type-interface-defs)
  endif()
  _adfc_doc(Dialects ${prefix} -gen-dialect-doc -dialect=${dialect})
  add_public_tablegen_target(${target})
endfunction()

function(adfc_tablegen_passes target prefix td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  mlir_tablegen(${prefix}Passes.h.inc -gen-pass-decls -name ${prefix})
  _adfc_doc(Passes ${prefix}Passes -gen-pass-doc)
  add_public_tablegen_target(${target})
endfunction()
