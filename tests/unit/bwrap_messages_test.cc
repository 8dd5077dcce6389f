// SPDX-License-Identifier: Apache-2.0
// What `kelp bwrap` adds below bubblewrap's sentence: a reason that the sentence does not have.
#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

#include "bwrap/messages.h"

namespace kelp::bwrap {
namespace {

Error failed(FailedPart part, int code, std::string reason) {
  return Error("do it", std::move(reason)).with_code(code).with_part(part, "/x");
}

TEST(BetterReason, IsNoneWhereTheSentenceHasIt) {
  const Error link = failed(FailedPart::kLink, EEXIST, "destination exists and is not a symlink");
  EXPECT_EQ(sentence(link, {}), "Can't make symlink at /x: destination exists and is not a symlink");
  EXPECT_EQ(better_reason(link), "");
  const Error file = failed(FailedPart::kFile, EISDIR, "it is a directory, and what is to be there is none");
  EXPECT_EQ(sentence(file, {}), "Destination is not a file /x");
  EXPECT_EQ(better_reason(file), "");
  const Error directory = failed(FailedPart::kDirectory, ENOTDIR, "it is no directory");
  EXPECT_EQ(sentence(directory, {}), "Destination is not a directory /x");
  EXPECT_EQ(better_reason(directory), "");
}

TEST(BetterReason, IsKelpsOwnWhereTheSentenceHasTheKernels) {
  const Error exec = failed(FailedPart::kExecute, EPERM, "the filter of system calls refuses execve");
  EXPECT_EQ(sentence(exec, {}), "execvp /x: Operation not permitted");
  EXPECT_EQ(better_reason(exec), "the filter of system calls refuses execve");
}

}  // namespace
}  // namespace kelp::bwrap
