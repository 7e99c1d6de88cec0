# nanobind, for the Python extension.
#
#   ADFC_HAVE_NANOBIND     ON where the extension can be built
#   adfc_add_extension(NAME SOURCE...)  builds the module adfc._native.NAME on libADFC, where nanobind
#       is installed in the Python that CMake was given (Python_EXECUTABLE)
#   adfc_python_dialect(DIALECT TD)  makes adfc._native.dialects._DIALECT_ops_gen and _DIALECT_enum_gen
#       from dialects/TD with mlir-tblgen
#
# The extension needs exceptions and RTTI; nanobind maps C++ types by them.

set(ADFC_HAVE_NANOBIND OFF)
if(Python_Development.Module_FOUND)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
    OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE nanobind_ROOT ERROR_QUIET)
  find_package(nanobind CONFIG QUIET)
  set(ADFC_HAVE_NANOBIND ${nanobind_FOUND})
endif()
if(NOT ADFC_HAVE_NANOBIND)
  message(STATUS "adfc: no nanobind or no Python headers for ${Python_EXECUTABLE}: no Python extension")
endif()

function(adfc_add_extension name)
  nanobind_add_module(${name} NB_STATIC NB_DOMAIN adfc NOMINSIZE ${ARGN})
  target_link_libraries(${name} PRIVATE ADFC)
  target_compile_options(${name} PRIVATE -fexceptions -frtti)
  target_link_options(${name} PRIVATE LINKER:--exclude-libs,ALL)
  adfc_install(${name})
endfunction()

function(adfc_python_dialect dialect td)
  set(folder "${ADFC_NATIVE_OUTPUT_DIR}/dialects")
  file(MAKE_DIRECTORY "${folder}")
  set(LLVM_TARGET_DEFINITIONS "${PROJECT_SOURCE_DIR}/dialects/${td}")
  mlir_tablegen(_${dialect}_ops_gen.py -gen-python-op-bindings -bind-dialect=${dialect})
  mlir_tablegen(_${dialect}_enum_gen.py -gen-python-enum-bindings)
  set(made)
  foreach(file _${dialect}_ops_gen.py _${dialect}_enum_gen.py)
    add_custom_command(OUTPUT "${folder}/${file}"
      COMMAND ${CMAKE_COMMAND} -E copy_if_different "${CMAKE_CURRENT_BINARY_DIR}/${file}" "${folder}/${file}"
      DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/${file}")
    list(APPEND made "${folder}/${file}")
  endforeach()
  add_custom_target(adfc_python_${dialect} ALL DEPENDS ${made})
  install(FILES ${made} DESTINATION adfc/_native/dialects)
endfunction()
