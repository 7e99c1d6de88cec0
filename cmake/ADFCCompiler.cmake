# The compiler and its flags. Included before project().
#
# clang-22 is a must: Debian's libMLIR is built with clang, and g++ derives MLIR's fallback TypeIDs
# differently, which shows only as odd verifier errors at run time.
#
# Optimisation (build type Release, the default): C++ at -O1, for quick rebuilds of a compiler that spends
# its time in MLIR; C at -O2, for the emulator and the engine. Assertions stay on in both.

if(NOT DEFINED CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type")
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O1" CACHE STRING "C++ flags of build type Release")
set(CMAKE_C_FLAGS_RELEASE "-O2" CACHE STRING "C flags of build type Release")

# CC and CXX count where a person has set them; scikit-build-core (SKBUILD) sets them to Python's own compiler.
function(adfc_choose_compiler language variable program)
  if(DEFINED CMAKE_${language}_COMPILER OR (DEFINED ENV{${variable}} AND NOT SKBUILD))
    return()
  endif()
  find_program(ADFC_${language}_COMPILER ${program} HINTS /usr/lib/llvm-22/bin)
  if(NOT ADFC_${language}_COMPILER)
    message(FATAL_ERROR "adfc: no ${program} found. Install it (Debian: apt-get install clang-22).")
  endif()
  set(CMAKE_${language}_COMPILER "${ADFC_${language}_COMPILER}" PARENT_SCOPE)
endfunction()
adfc_choose_compiler(C CC clang-22)
adfc_choose_compiler(CXX CXX clang++-22)

# Stops the configuration with a way out where the compiler is not clang 22.
function(adfc_check_compiler)
  foreach(language C CXX)
    set(id "${CMAKE_${language}_COMPILER_ID} ${CMAKE_${language}_COMPILER_VERSION}")
    if(NOT id MATCHES "^Clang 22\\.")
      message(FATAL_ERROR
        "adfc: needs clang 22, not ${id} (${CMAKE_${language}_COMPILER}). Install clang-22, unset CC and CXX, "
        "remove ${CMAKE_BINARY_DIR}/CMakeCache.txt and configure again.")
    endif()
  endforeach()
endfunction()

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
