"""lit: which tests there are, and what the words in their RUN lines mean.

Tools:   adf-opt, mlir-opt and the like are found in the build and in LLVM's folder; FileCheck
         is LLVM's, or with `--param filecheck=python` PyPI's.
Words:   %python, %adfc (this checkout's command line), and lit's own %s, %t, %S.
Feature: llvm-filecheck, for a test that needs what only LLVM's FileCheck has ([[#N:]],
         @LINE, --implicit-check-not): `REQUIRES: llvm-filecheck`.
"""

# pyright: basic, reportUndefinedVariable=false
import os
from pathlib import Path

import lit.formats

config.name = "adfc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "python", "runtime", "unit"]
config.test_source_root = str(Path(__file__).parent)
config.test_exec_root = str(Path(config.adfc_build) / "test")

scripts = str(Path(config.python).parent)
folders = [str(Path(config.adfc_build) / "bin"), config.llvm_tools, scripts, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(folders)
config.environment["PYTHONPATH"] = os.pathsep.join(
    [str(Path(config.adfc_source) / "python"), str(Path(config.adfc_build) / "python")]
)

config.substitutions.append(("%python", config.python))
config.substitutions.append(("%adfc", f"{config.python} -m adfc.cli.main"))

llvm_filecheck = Path(config.llvm_tools) / "FileCheck"
wanted = lit_config.params.get("filecheck", "llvm" if llvm_filecheck.is_file() else "python")
if wanted == "llvm":
    config.available_features.add("llvm-filecheck")
    config.substitutions.append((r"\bFileCheck\b", str(llvm_filecheck)))
elif wanted == "python":
    config.substitutions.append((r"\bFileCheck\b", f"{config.python} -m filecheck"))
else:
    lit_config.fatal(f"--param filecheck={wanted}: it is llvm or python")
