// SPDX-License-Identifier: Apache-2.0
// Libraries are found where ld.so(8) would find them: search paths, their inheritance, the cache.
#include "sys/library_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/places.h"
#include "harness/run.h"
#include "sys/files.h"
#include "sys/library_places.h"
#include "unit/elf_builder.h"

namespace kelp {
namespace {

using harness::TempDir;
using sys::LdCache;
using sys::LibrarySearch;
using test::build_elf;
using test::ElfRecipe;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

sys::Elf elf_of(const ElfRecipe& recipe) {
  sys::Elf elf;
  elf.abi = recipe.abi;
  elf.is_loadable = true;
  elf.interpreter = recipe.interpreter;
  elf.needed = recipe.needed;
  if (!recipe.rpath.empty()) elf.rpath = recipe.rpath;
  if (!recipe.runpath.empty()) elf.runpath = recipe.runpath;
  return elf;
}

// The libraries of a program that would lie in where/bin/prog.
sys::Libraries libraries_of(const TempDir& where, const ElfRecipe& program, LdCache cache = {}) {
  return LibrarySearch(std::move(cache)).libraries_of(where.dir("bin") + "/prog", elf_of(program));
}

std::vector<std::string> paths(const sys::Libraries& libraries) {
  std::vector<std::string> out;
  for (const sys::Library& library : libraries.found) out.push_back(library.path);
  return out;
}

TEST(LibrarySearch, FindsByRunpathWithOriginAndGoesOnTransitively) {
  const TempDir here;
  const std::string a =
      here.file("lib/libkelp-a.so", build_elf({.needed = {"libkelp-b.so"}, .runpath = "$ORIGIN"}));
  const std::string b = here.file("lib/libkelp-b.so", build_elf({}));
  const auto found = libraries_of(here, {.needed = {"libkelp-a.so"}, .runpath = "/nowhere:${ORIGIN}/../lib"});
  EXPECT_THAT(paths(found), ElementsAre(here.path() + "/bin/../lib/libkelp-a.so",
                                        here.path() + "/bin/../lib/libkelp-b.so"));
  EXPECT_THAT(found.missing, IsEmpty());
  ASSERT_FALSE(found.found.empty());
  EXPECT_FALSE(found.found[0].is_in_system_place);
}

TEST(LibrarySearch, InheritsRpathButNotRunpath) {
  const TempDir here;
  here.file("lib/libkelp-a.so", build_elf({.needed = {"libkelp-b.so"}}));
  here.file("lib/libkelp-b.so", build_elf({}));
  const std::string directory = here.path() + "/lib";
  EXPECT_THAT(libraries_of(here, {.needed = {"libkelp-a.so"}, .rpath = directory}).missing, IsEmpty());
  const auto by_runpath = libraries_of(here, {.needed = {"libkelp-a.so"}, .runpath = directory});
  ASSERT_EQ(by_runpath.missing.size(), 1U);
  EXPECT_EQ(by_runpath.missing[0].name, "libkelp-b.so");
  EXPECT_EQ(by_runpath.missing[0].needed_by, directory + "/libkelp-a.so");
}

TEST(LibrarySearch, IgnoresTheRpathOfWhoHasARunpath) {
  const TempDir here;
  here.file("r/libkelp-a.so", build_elf({}));
  const auto found =
      libraries_of(here, {.needed = {"libkelp-a.so"}, .rpath = here.path() + "/r", .runpath = "/nowhere"});
  EXPECT_EQ(found.missing.size(), 1U);
}

TEST(LibrarySearch, PassesLibrariesOfOtherMachinesBy) {
  const TempDir here;
  here.file("one/libkelp-a.so",
            build_elf({.abi = {.is_64 = true, .is_big_endian = false, .machine = EM_AARCH64}}));
  here.file("two/libkelp-a.so", "no ELF file");
  const std::string right = here.file("three/libkelp-a.so", build_elf({}));
  const std::string& at = here.path();
  const auto found = libraries_of(
      here, {.needed = {"libkelp-a.so"}, .runpath = at + "/one:" + at + "/two:" + at + "/three"});
  EXPECT_THAT(paths(found), ElementsAre(right));
}

TEST(LibrarySearch, TakesTheCacheAfterTheSearchPathsAndMarksIt) {
  const TempDir here;
  const std::string cached = here.file("cached/libkelp-a.so", build_elf({}));
  const std::string own = here.file("own/libkelp-a.so", build_elf({}));
  const LdCache cache = {{"libkelp-a.so", {"/nowhere/libkelp-a.so", cached}}};
  const auto by_cache = libraries_of(here, {.needed = {"libkelp-a.so"}}, cache);
  ASSERT_THAT(paths(by_cache), ElementsAre(cached));
  EXPECT_TRUE(by_cache.found[0].is_in_system_place);
  EXPECT_THAT(paths(libraries_of(here, {.needed = {"libkelp-a.so"}, .runpath = here.path() + "/own"}, cache)),
              ElementsAre(own));
}

TEST(LibrarySearch, LoadsALibraryOnceWhateverItsNames) {
  const TempDir here;
  here.file("l/libkelp-a.so", build_elf({.needed = {"libkelp-b.so.1"}, .soname = "libkelp-a.so.1"}));
  here.file("l/libkelp-b.so.1", build_elf({.needed = {"libkelp-a.so.1", "libkelp-a.so"}}));  // in a circle
  const auto found =
      libraries_of(here, {.needed = {"libkelp-a.so", "libkelp-b.so.1"}, .rpath = here.path() + "/l"});
  EXPECT_EQ(found.found.size(), 2U);
  EXPECT_THAT(found.missing, IsEmpty());
}

TEST(LibrarySearch, TriesWhatLibMayStandFor) {
  EXPECT_THAT(
      sys::expand_element("/opt/$LIB", "/", {.is_64 = true, .is_big_endian = false, .machine = EM_X86_64}),
      ElementsAre("/opt/lib/x86_64-linux-gnu", "/opt/lib64", "/opt/lib"));
  EXPECT_THAT(sys::expand_element("/p/${PLATFORM}", "/", {.is_64 = true, .machine = EM_AARCH64}),
              ElementsAre("/p/aarch64"));
}

TEST(LibrarySearch, NeverLooksInTheWorkingDirectory) {
  for (const char* element : {"", ".", "lib", "../lib"}) {
    EXPECT_THAT(sys::expand_element(element, "/bin", {}), IsEmpty()) << element;
  }
}

TEST(LibrarySearch, LeavesToMuslWhatItsLoaderHolds) {
  EXPECT_TRUE(sys::is_within_musl("libc.musl-x86_64.so.1"));
  EXPECT_TRUE(sys::is_within_musl("libpthread.so.0"));
  EXPECT_FALSE(sys::is_within_musl("libcrypto.so.3"));
  EXPECT_FALSE(sys::is_within_musl("libz.so.1"));
  const TempDir here;
  const ElfRecipe program = {.interpreter = "/lib/ld-musl-x86_64.so.1", .needed = {"libc.musl-x86_64.so.1"}};
  const auto found = libraries_of(here, program);
  EXPECT_THAT(found.found, IsEmpty());
  EXPECT_THAT(found.missing, IsEmpty());
  EXPECT_EQ(sys::musl_path_file(elf_of(program)), "/etc/ld-musl-x86_64.path");
}

// The format of glibc 2.2 and later, with the given entries: name, path, special processor.
struct CacheEntry {
  std::string name, path;
  std::uint64_t processor = 0;
};
std::string cache_of(const std::vector<CacheEntry>& entries) {
  const auto number = [](auto value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  };
  const std::size_t strings_at = 48 + entries.size() * 24;
  std::string table, strings;
  for (const CacheEntry& entry : entries) {
    const auto name_at = static_cast<std::uint32_t>(strings_at + strings.size());
    strings += entry.name + '\0';
    const auto path_at = static_cast<std::uint32_t>(strings_at + strings.size());
    strings += entry.path + '\0';
    table += number(std::uint32_t{0x0303}) + number(name_at) + number(path_at) + number(std::uint32_t{0}) +
             number(entry.processor);
  }
  return "glibc-ld.so.cache1.1" + number(static_cast<std::uint32_t>(entries.size())) +
         number(static_cast<std::uint32_t>(strings.size())) + std::string(20, '\0') + table + strings;
}

TEST(LdCache, ReadsPathsInTheirOrderAndLeavesOutThoseForSpecialProcessors) {
  const Result<LdCache> cache = sys::read_ld_cache(cache_of(
      {{"liba.so", "/v3/liba.so", 1}, {"liba.so", "/64/liba.so"}, {"liba.so", "/32/liba.so"}, {"b", "/b"}}));
  ASSERT_TRUE(cache) << cache.error().sentence();
  EXPECT_THAT(cache->at("liba.so"), ElementsAre("/64/liba.so", "/32/liba.so"));
  EXPECT_THAT(cache->at("b"), ElementsAre("/b"));
}

TEST(LdCache, ReadsTheNewFormatBehindTheOldOne) {
  std::string old = "ld.so-1.7.0";
  old.resize(12 + 4 + 12, '\0');
  old[12] = 1;           // one entry of 12 bytes
  old.resize(32, '\0');  // the new format begins at a multiple of 8
  const Result<LdCache> cache = sys::read_ld_cache(old + cache_of({{"a", "/a"}}));
  ASSERT_TRUE(cache) << cache.error().sentence();
  EXPECT_TRUE(cache->contains("a"));
}

TEST(LdCache, IsRefusedOrHarmlessWhereItIsCutShort) {
  const std::string whole = cache_of({{"liba.so", "/a/liba.so"}, {"libb.so", "/b/libb.so"}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<LdCache> cache = sys::read_ld_cache(std::string_view(whole).substr(0, size));
    if (cache) {
      EXPECT_FALSE(cache->contains("libb.so")) << size;
    }
  }
  EXPECT_FALSE(sys::read_ld_cache("anything else"));
}

TEST(LibrarySearch, FindsTheLibrariesOfThisVeryProgram) {
  Result<sys::UniqueFd> fd = sys::open_file("/proc/self/exe", O_RDONLY);
  ASSERT_TRUE(fd);
  const Result<sys::Elf> elf = sys::read_elf(fd->get(), "this test");
  ASSERT_TRUE(elf) << elf.error().sentence();
  const auto search = LibrarySearch::of_this_machine();
  ASSERT_TRUE(search) << search.error().sentence();
  const sys::Libraries libraries = search->libraries_of(harness::kelp_binary(), *elf);
  EXPECT_THAT(libraries.missing, IsEmpty());
  EXPECT_GE(libraries.found.size(), elf->needed.size());
}

}  // namespace
}  // namespace kelp
