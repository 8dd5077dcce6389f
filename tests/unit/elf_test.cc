// SPDX-License-Identifier: Apache-2.0
// ELF files are read right whatever their class and byte order, and hostile ones are refused, not obeyed.
#include "sys/elf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/files.h"
#include "unit/elf_builder.h"

namespace kelp {
namespace {

using test::build_elf;
using test::ElfRecipe;
using testing::ElementsAre;
using testing::HasSubstr;

sys::UniqueFd file_of(std::string_view bytes) {
  sys::UniqueFd fd(::memfd_create("elf", MFD_CLOEXEC));
  EXPECT_TRUE(sys::write_all(fd.get(), bytes, "memfd"));
  return fd;
}

Result<sys::Elf> read(std::string_view bytes) { return sys::read_elf(file_of(bytes).get(), "file"); }

// Replaces `size` bytes at `at` by a little-endian number.
std::string with_number(std::string bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes.at(at + i) = static_cast<char>(value >> 8U * i & 0xFFU);
  return bytes;
}

constexpr std::size_t kFirstSegment = sizeof(Elf64_Ehdr);
constexpr std::size_t kSecondSegment = kFirstSegment + sizeof(Elf64_Phdr);
constexpr std::size_t kThirdSegment = kSecondSegment + sizeof(Elf64_Phdr);

TEST(Elf, ReadsWhatTheLoaderReadsInEveryClassAndByteOrder) {
  for (const bool is_64 : {false, true}) {
    for (const bool is_big_endian : {false, true}) {
      const sys::ElfAbi abi = {.is_64 = is_64, .is_big_endian = is_big_endian, .machine = EM_PPC};
      const Result<sys::Elf> elf = read(build_elf({.abi = abi,
                                                   .interpreter = "/lib/ld.so.1",
                                                   .needed = {"liba.so", "libb.so"},
                                                   .soname = "me.so",
                                                   .rpath = "$ORIGIN/r",
                                                   .runpath = "/run:/path",
                                                   .entries = {{DT_FLAGS_1, DF_1_NODEFLIB}}}));
      ASSERT_TRUE(elf) << elf.error().sentence();
      EXPECT_EQ(elf->abi, abi);
      EXPECT_TRUE(elf->is_loadable);
      EXPECT_EQ(elf->interpreter, "/lib/ld.so.1");
      EXPECT_THAT(elf->needed, ElementsAre("liba.so", "libb.so"));
      EXPECT_EQ(elf->soname, "me.so");
      EXPECT_EQ(elf->rpath, "$ORIGIN/r");
      EXPECT_EQ(elf->runpath, "/run:/path");
      EXPECT_TRUE(elf->skips_default_places);
    }
  }
}

TEST(Elf, ReadsARealProgram) {
  Result<sys::UniqueFd> fd = sys::open_file("/proc/self/exe", O_RDONLY);
  ASSERT_TRUE(fd);
  const Result<bool> begins = sys::begins_as_elf(fd->get(), "this test");
  ASSERT_TRUE(begins);
  EXPECT_TRUE(*begins);
  const Result<sys::Elf> elf = sys::read_elf(fd->get(), "this test");
  ASSERT_TRUE(elf) << elf.error().sentence();
  EXPECT_THAT(elf->interpreter, HasSubstr("ld"));
  EXPECT_THAT(elf->needed, testing::Contains(HasSubstr("libc.")));
}

TEST(Elf, TellsOtherFilesByTheirBeginning) {
  for (const std::string_view bytes : {"", "\x7f",
                                       "\x7f"
                                       "EL",
                                       "#!/bin/sh\n"}) {
    const Result<bool> begins = sys::begins_as_elf(file_of(bytes).get(), "file");
    ASSERT_TRUE(begins);
    EXPECT_FALSE(*begins) << bytes;
    EXPECT_FALSE(read(bytes)) << bytes;
  }
}

TEST(Elf, RefusesEveryFileThatIsCutShort) {
  const std::string whole = build_elf({.interpreter = "/lib/ld.so", .needed = {"liba.so"}});
  ASSERT_TRUE(read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(Elf, SurvivesEveryByteBeingWrong) {
  const std::string whole = build_elf({.interpreter = "/lib/ld.so", .needed = {"liba.so"}, .runpath = "/x"});
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char wrong : {'\0', '\x7f', '\xff'}) {
      std::string bytes = whole;
      bytes[at] = wrong;
      refused += read(bytes) ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 20U);  // it looked: many of them cannot be right
}

TEST(Elf, RefusesAStringOutsideOfItsTable) {
  const Result<sys::Elf> elf = read(build_elf({.entries = {{DT_NEEDED, 1U << 20U}}}));
  ASSERT_FALSE(elf);
  EXPECT_THAT(elf.error().sentence(), HasSubstr("lies outside"));
}

TEST(Elf, RefusesOffsetsThatWrapAround) {
  const std::string whole = build_elf({.interpreter = "/lib/ld.so", .needed = {"liba.so"}});
  for (const std::uint64_t hostile :
       {UINT64_MAX, UINT64_MAX - 8, std::uint64_t{1} << 63U, UINT64_MAX >> 1U}) {
    EXPECT_FALSE(read(with_number(whole, 32, hostile, 8))) << "program headers at " << hostile;
    EXPECT_FALSE(read(with_number(whole, kSecondSegment + 8, hostile, 8))) << "interpreter at " << hostile;
    EXPECT_FALSE(read(with_number(whole, kThirdSegment + 8, hostile, 8))) << "dynamic section at " << hostile;
    EXPECT_FALSE(read(with_number(whole, kFirstSegment + 8, hostile, 8))) << "strings at " << hostile;
    EXPECT_FALSE(read(build_elf({.entries = {{DT_NEEDED, hostile}}}))) << "string at " << hostile;
  }
}

TEST(Elf, RefusesSizesThatWouldEatTheMemory) {
  const std::string whole = build_elf({.interpreter = "/lib/ld.so", .needed = {"liba.so"}});
  EXPECT_FALSE(read(with_number(whole, kSecondSegment + 32, UINT64_MAX, 8)));  // the interpreter's name
  EXPECT_FALSE(read(with_number(whole, kThirdSegment + 32, UINT64_MAX, 8)));   // the dynamic section
  EXPECT_FALSE(read(with_number(whole, 56, 0xFFFF, 2)));                       // the program headers
  const Result<sys::Elf> elf = read(build_elf({.needed = std::vector<std::string>(5000, "liba.so")}));
  ASSERT_FALSE(elf);
  EXPECT_THAT(elf.error().sentence(), HasSubstr("too many libraries"));
}

TEST(Elf, RefusesNamesWithoutStrings) {
  EXPECT_FALSE(read(build_elf({.needed = {"a"}, .has_strings = false})));
}

TEST(Elf, RefusesAnInterpreterWithoutAnEnd) {
  std::string bytes = build_elf({.interpreter = "/lib/ld.so"});
  bytes[bytes.find("/lib/ld.so") + 10] = 'x';
  const Result<sys::Elf> elf = read(bytes);
  ASSERT_FALSE(elf);
  EXPECT_THAT(elf.error().sentence(), HasSubstr("no end"));
}

TEST(Elf, KnowsThatAnObjectFileIsNoProgram) {
  const Result<sys::Elf> elf = read(build_elf({.type = ET_REL}));
  ASSERT_TRUE(elf);
  EXPECT_FALSE(elf->is_loadable);
}

}  // namespace
}  // namespace kelp
