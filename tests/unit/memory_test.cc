// SPDX-License-Identifier: Apache-2.0
// What a command line was told, kept as text: read again it says the same, and what was not asked has no
// answer.
#include "cli/memory.h"

#include <gmock/gmock.h>

#include "sys/failure.h"

namespace kelp::cli {
namespace {

using testing::HasSubstr;

const Surroundings kAround = {
    .environment = {"HOME=/home/alga", "SECRET=1", "USED=2"},
    .has_terminal = true,
    .working_directory = "/work",
    .read_file = [](const std::string& path) -> Result<std::string> {
      if (path == "/none") return Error("open /none", "No such file or directory").with_code(ENOENT);
      return "of " + path + std::string("\0\n5:", 4);
    },
    .names_in = [](const std::string&) { return std::vector<std::string>{"a", "", "b:c"}; },
    .look_at =
        [](const std::string&) {
          return HostNode{
              .kind = HostNode::Kind::kDevice, .why = "w", .is_link = true, .mode = 0640, .group = 5};
        }};

Memory asked() {
  Memory memory;
  Surroundings noting = remembering(kAround, memory);
  (void)noting.read_file("/a");
  (void)noting.read_file("/none");
  (void)noting.names_in("/d");
  (void)noting.look_at("/dev/x");
  Spec spec;
  spec.command.environment.entries = {"USED=2"};
  const std::vector<std::string> args = {"--name", "one", "host", ""};
  remember(memory, args, kAround, spec);
  return memory;
}

TEST(Memory, GivesTheSameAnswersAfterItWasWritten) {
  const Result<Memory> read = read_memory(text_of(asked()));
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_THAT(read->args, testing::ElementsAre("--name", "one", "host", ""));
  const Surroundings again = surroundings_of(*read);
  EXPECT_TRUE(again.has_terminal);
  EXPECT_EQ(again.working_directory, "/work");
  EXPECT_EQ(*again.read_file("/a"), *kAround.read_file("/a"));
  EXPECT_EQ(again.read_file("/none").error().code(), ENOENT);
  EXPECT_EQ(again.read_file("/none").error().sentence(), kAround.read_file("/none").error().sentence());
  EXPECT_THAT(again.names_in("/d"), testing::ElementsAre("a", "", "b:c"));
  const HostNode node = again.look_at("/dev/x");
  EXPECT_EQ(node.kind, HostNode::Kind::kDevice);
  EXPECT_EQ(node.why, "w");
  EXPECT_TRUE(node.is_link);
  EXPECT_EQ(node.mode, 0640U);
  EXPECT_EQ(node.group, 5U);
}

TEST(Memory, KeepsNoVariableThatNobodyUsed) {
  EXPECT_THAT(asked().environment, testing::ElementsAre("HOME=/home/alga", "USED=2"));
  EXPECT_THAT(text_of(asked()), testing::Not(HasSubstr("SECRET")));
}

TEST(Memory, HasNoAnswerToWhatWasNotAsked) {
  const Surroundings again = surroundings_of(asked());
  EXPECT_FALSE(again.read_file("/b"));
  EXPECT_TRUE(again.names_in("/e").empty());
}

TEST(Memory, ThatIsDamagedIsRefusedWhereverItIsCut) {
  const std::string text = text_of(asked());
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Result<Memory> read = read_memory(std::string_view(text).substr(0, length));
    // A cut between two answers cannot be seen: the file is written whole, and renamed.
    if (read) {
      EXPECT_LT(read->answers.size(), asked().answers.size()) << length;
    }
  }
  EXPECT_FALSE(read_memory("4:kelp"));
  EXPECT_FALSE(read_memory("99999999999999999999:x"));
  EXPECT_FALSE(read_memory(text + "7:x"));
}

}  // namespace
}  // namespace kelp::cli
