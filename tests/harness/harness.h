// SPDX-License-Identifier: Apache-2.0
// All of the harness at once: what tests of namespaces and of the built program need and GoogleTest lacks.
//
//   TEST(Run, PassesTheExitStatusOn) {
//     EXPECT_EQ(kelp({"run", small_root(), "sh", "-c", "exit 7"}).status, 7);
//   }
#pragma once

#include "harness/places.h"   // IWYU pragma: export
#include "harness/pty.h"      // IWYU pragma: export
#include "harness/require.h"  // IWYU pragma: export
#include "harness/run.h"      // IWYU pragma: export
