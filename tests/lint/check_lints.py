# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it is there to find: a small tree that is right passes, and each way to spoil it fails
with the words that belong to it. A check that cannot fail is a defect."""

import os
import subprocess
import sys
import tempfile

import lint

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = "SPDX-License-Identifier: Apache-2.0\n"
GOOD = {
    ".clang-format": lint.read(".clang-format"),
    ".clang-tidy": lint.read(".clang-tidy"),
    "tests/lint/includes.txt": "base:\nsys: base\nplan: host/facts.h\nhost: base\nmain: sys\nhelpers: base\n",
    "tests/lint/words.txt": lint.read("tests/lint/words.txt"),
    "tests/lint/traps.txt": "A1-2\nI1-1\n",
    "tests/TRAPS.txt": "A1 Mounts.StayInside\nA2 does not apply: kelp has no such thing\nI1 issue: planned with images\n",
    "tests/vm/kernels.txt": "reason new | no such call | it is new\n5.10 new Mounts.StayInside\n",
    "tests/ns/mounts_test.cc": f"// {SPDX}// Mounts.\nTEST(Mounts, StayInside) {{}}\n",
    "src/base/README.md": "Text.\n",
    "src/base/text.h": f"// {SPDX}// Text.\n#pragma once\nint size_of(const char* text);\n",
    "src/base/text.cc": f"// {SPDX}// Text.\n#include \"base/text.h\"\n\nint size_of(const char* text) "
                        "{ return *text != 0 ? 1 : 0; }\n",
    "script": f"#!/bin/sh\n# {SPDX}echo \"$1\"\n",
    "man/kelp-run.1": ".TP\n\\fB\\-e\\fR, \\fB\\-\\-env\\fR \\fINAME\\fR\nPasses it.\n.TP\nName\nno flag\n",
    "flags": "#!/bin/sh\nprintf 'run\\t--env\\nrun\\t-e\\n'\n",
}
# check, what is changed, words of the complaint; no words: it must pass.
CASES = [
    ("includes", {}, ""),
    ("includes", {"src/base/text.cc": '#include "sys/pipe.h"\n'}, "base may not include sys/pipe.h"),
    ("includes", {"src/plan/a.cc": '#include "host/facts.h"\n'}, ""),
    ("includes", {"src/plan/a.cc": '#include "host/probe.h"\n'}, "plan may not include host/probe.h"),
    ("includes", {"src/main.cc": '#include "base/text.h"\n'}, "main may not include base/text.h"),
    ("includes", {"helpers/init/a.cc": '#include "sys/pipe.h"\n'}, "helpers may not include sys/pipe.h"),
    ("includes", {"src/new/a.cc": ""}, "new is not in"),
    ("includes", {"src/base/a.cc": '#include "text.h"\n'}, "write the folder"),
    ("files", {}, ""),
    ("files", {"src/base/text.cc": "int a;\n"}, "first line"),
    ("files", {"src/base/text.cc": f"// {SPDX}int a;\n"}, "what lives here"),
    ("files", {"src/base/text.cc": f"// {SPDX}// x\n" + "\n" * 400}, "second noun"),
    ("files", {"src/sys/a.cc": f"// {SPDX}// x\n"}, "src/sys: has no README.md"),
    ("words", {}, ""),
    ("words", {"src/base/README.md": "See /wo" + "rk/main.\n"}, "path of one machine"),
    ("words", {"src/base/README.md": "The session leader and the session keyring.\n"}, ""),
    ("words", {"src/base/README.md": "Written in an earlier session.\n"}, "an account of work"),
    ("traps", {}, ""),
    ("traps", {"tests/TRAPS.txt": "A1 Mounts.StayInside\nI1 issue: planned with images\n"}, "A2 is not answered"),
    ("traps", {"tests/ns/mounts_test.cc": "TEST(Mounts, Other) {}\n"}, "no test Mounts.StayInside"),
    ("traps", {"tests/TRAPS.txt": GOOD["tests/TRAPS.txt"] + "Z1 Mounts.StayInside\n"}, "no number Z1"),
    ("traps", {"tests/TRAPS.txt": "A1 Mounts.StayInside\nA2 does not apply:\nI1 issue: x y\n"}, "reason is missing"),
    ("kernels", {}, ""),
    ("kernels", {"tests/ns/mounts_test.cc": "TEST(Mounts, Other) {}\n"}, "no test Mounts.StayInside"),
    ("kernels", {"tests/vm/kernels.txt": "5.10 old Mounts.StayInside\n"}, "cannot be read"),
    ("kernels", {"tests/vm/kernels.txt": "reason new | a | b\n5.1 new Mounts.StayInside\n"}, "no machine has"),
    ("format", {"tests/ns/mounts_test.cc": "int   a;\n"}, "clang-format-violations"),
    ("shell", {}, ""),
    ("shell", {"script": f"#!/bin/sh\n# {SPDX}echo $1\n"}, "SC2086"),
    ("tidy", {}, ""),
    ("tidy", {"src/base/text.cc": '#include "base/text.h"\nint sizeOf() { return 1; }\n'}, "identifier-naming"),
    ("man", {}, ""),
    ("man", {"flags": "#!/bin/sh\nprintf 'run\\t--env\\nrun\\t-e\\nrun\\t--new\\n'\n"}, "--new is not documented"),
    ("man", {"flags": "#!/bin/sh\nprintf 'run\\t--env\\n'\n"}, "-e is documented, but"),
    ("man", {"flags": "#!/bin/sh\nprintf 'run\\t--env\\nrun\\t-e\\nps\\t--all\\n'\n"}, "man/kelp-ps.1: is missing"),
    ("man", {"flags": "#!/bin/sh\nexit 1\n"}, "failed"),
]

report = lint.Report()
for check, change, words in CASES:
    with tempfile.TemporaryDirectory() as place:
        for name, text in {**GOOD, **change}.items():
            path = os.path.join(place, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)
        with open(os.path.join(place, "compile_commands.json"), "w", encoding="utf-8") as file:
            file.write('[{"directory": "%s", "file": "src/base/text.cc", "command": "c++ -std=c++20 -Isrc -c '
                       'src/base/text.cc"}]' % place)
        environment = {**os.environ, "KELP_BUILD_DIR": place, "XDG_CACHE_HOME": f"{place}/build",
                       "KELP_PRINT_FLAGS": f"{place}/flags", "GIT_CEILING_DIRECTORIES": os.path.dirname(place)}
        done = subprocess.run([sys.executable, "-B", f"{HERE}/check_{check}.py", place], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        if done.returncode == lint.SKIP_STATUS:
            report.note(f"check_{check}", f"not tried: {done.stdout.strip()}")
        elif not words and done.returncode != 0:
            report.wrong(f"check_{check}", f"must pass with {change}, said:\n{done.stdout}")
        elif words and (done.returncode != 1 or words not in done.stdout):
            report.wrong(f"check_{check}", f"must complain '{words}' of {change}, said:\n{done.stdout}")
report.close()
