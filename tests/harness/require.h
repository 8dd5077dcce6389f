// SPDX-License-Identifier: Apache-2.0
// What a test needs of the machine, and what happens where that is missing: a skip that says why on a
// developer's machine, a failure in continuous integration. Never a test that silently proves nothing.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace kelp::harness {

/// Who runs this test: "user" (an ordinary user with subordinate ids), "noranges" (one without), "nested"
/// (root of a container of the kelp under test, holding that user's ids) or "root".
std::string_view identity();

/// True under `./dev test --ci`.
bool is_ci();

/// True if the program is found in PATH.
bool has_program(const std::string& name);

/// True if the identity is one of these.
bool is_one_of(std::initializer_list<std::string_view> identities);

/// True if a container may have the right to write to the file of the kelp under test, so that kelp-exec
/// executes its command: where the identity owns that file (root, and who builds and tests as an ordinary
/// user), and where its owner has the id that stands for all that are not mapped.
bool may_write_kelp();

}  // namespace kelp::harness

/// Skips the rest of the test where the condition does not hold; fails instead under --ci. Only for what the
/// machine may lack (a program, a kernel feature), never for what kelp must do.
///   KELP_REQUIRE(has_program("bwrap"), "bubblewrap is not installed");
#define KELP_REQUIRE(condition, why)                                         \
  do {                                                                       \
    if (!(condition)) {                                                      \
      if (::kelp::harness::is_ci()) FAIL() << "missing under --ci: " << why; \
      GTEST_SKIP() << why;                                                   \
    }                                                                        \
  } while (false)

/// Ends a test that says nothing about the present identity; it is counted apart, also under --ci.
///   KELP_ONLY_AS("ranges are given to ordinary users", "user");
#define KELP_ONLY_AS(why, ...)                                             \
  do {                                                                     \
    if (!::kelp::harness::is_one_of({__VA_ARGS__}))                        \
      GTEST_SKIP() << "\nnot for this identity: " << why << std::string(); \
  } while (false)
