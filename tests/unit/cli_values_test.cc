// SPDX-License-Identifier: Apache-2.0
// Values in texts: what is read, what is refused and how, and that no bytes do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/environment.h"
#include "cli/ids.h"
#include "cli/mounts.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One mount, or the sentence of the refusal.
template <Result<Mount> (*Read)(std::string_view, const std::string&)>
Mount mount(std::string_view value) {
  Result<Mount> read = Read(value, cat("-x ", value));
  EXPECT_TRUE(read) << (read ? "" : read.error().sentence());
  return read ? *read : Mount{.what = Hide{}};
}
template <Result<Mount> (*Read)(std::string_view, const std::string&)>
std::string refusal(std::string_view value) {
  const Result<Mount> read = Read(value, cat("-x ", value));
  return read ? "" : read.error().sentence();
}

Mount bind(Bind what) { return {.what = std::move(what)}; }

TEST(ReadVolume, BindsWritableWithoutDevicesByDefault) {
  const Mount got = mount<read_volume>("/a:/b");
  EXPECT_EQ(got, bind({.from = "/a", .to = "/b"}));
  EXPECT_EQ(got.origin.text, "-x /a:/b");
  EXPECT_EQ(mount<read_volume>(".:/b"), bind({.from = ".", .to = "/b"}));
}

TEST(ReadVolume, ReadsEveryOption) {
  EXPECT_EQ(mount<read_volume>("/a:/b:ro,noexec,dev,suid,create,nofollow,try"),
            bind({.from = "/a",
                  .to = "/b",
                  .writable = false,
                  .devices = true,
                  .setuid = true,
                  .executable = false,
                  .follow = false,
                  .optional = true,
                  .missing = MissingTarget::kCreate}));
  EXPECT_EQ(mount<read_volume>("/a:/b:rw,exec,nodev,nosuid,rbind"), bind({.from = "/a", .to = "/b"}));
}

TEST(ReadVolume, TakesAnEscapedColon) {
  EXPECT_EQ(mount<read_volume>("/a\\:1:/b\\c\\:"), bind({.from = "/a:1", .to = "/b\\c:"}));
}

TEST(ReadVolume, RefusesWhatIsNoVolume) {
  EXPECT_EQ(refusal<read_volume>("/a"), "cannot read -x /a: the destination is missing");
  EXPECT_EQ(refusal<read_volume>(":/b"), "cannot read -x :/b: the source is empty");
  EXPECT_EQ(refusal<read_volume>("data:/b"), "cannot use -x data:/b: kelp keeps no named volumes");
  EXPECT_THAT(refusal<read_volume>("/a:/b:ro:x"), HasSubstr("more than three parts"));
  EXPECT_EQ(refusal<read_volume>("/a:/b:ro,noexce"),
            "cannot read -x /a:/b:ro,noexce: unknown option 'noexce'");
  EXPECT_EQ(read_volume("/a:/b:noexce", "-v").error().hint(), "did you mean 'noexec'?");
  EXPECT_THAT(refusal<read_volume>("/a:/b:"), HasSubstr("an option is empty"));
  EXPECT_THAT(refusal<read_volume>("/a:/b:ro,rw"), HasSubstr("'ro' and 'rw' contradict each other"));
}

TEST(ReadVolume, SaysWhatToWriteInsteadOfPodmansWords) {
  EXPECT_EQ(refusal<read_volume>("/a:/b:Z"), "cannot use 'Z' in -x /a:/b:Z: kelp relabels nothing");
  for (const std::string_view word : {"z", "U", "O", "rshared", "copy", "bind", "idmap", "cached"}) {
    const Result<Mount> read = read_volume(cat("/a:/b:", word), "-v");
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().hint(), "") << word;
  }
}

TEST(ReadMount, ReadsTheWordsOfDockerAndPodman) {
  EXPECT_EQ(mount<read_mount>("type=bind,source=/a,destination=/b,readonly"),
            bind({.from = "/a", .to = "/b", .writable = false}));
  EXPECT_EQ(mount<read_mount>("src=/a,dst=/b,ro=false,type=bind,noexec"),
            bind({.from = "/a", .to = "/b", .executable = false}));
  EXPECT_EQ(mount<read_mount>("type=bind,\"src=/a,1\",target=/b"), bind({.from = "/a,1", .to = "/b"}));
  EXPECT_EQ(mount<read_mount>("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700"),
            (Mount{.what = Tmpfs{.to = "/t", .bytes = 1 << 20, .mode = 0700}}));
  EXPECT_EQ(mount<read_mount>("dst=/t,type=tmpfs,size=2k,mode=1755,ro"),
            (Mount{.what = Tmpfs{.to = "/t", .bytes = 2048, .mode = 01755, .writable = false}}));
  EXPECT_EQ(mount<read_mount>("type=proc,dst=/p,mode=pids"),
            (Mount{.what = Proc{.to = "/p", .mode = ProcMode::kPids}}));
  EXPECT_EQ(mount<read_mount>("type=sysfs,dst=/s"), (Mount{.what = Sysfs{.to = "/s"}}));
  EXPECT_EQ(mount<read_mount>("type=cgroup,dst=/c"), (Mount{.what = Cgroup{.to = "/c"}}));
  EXPECT_EQ(mount<read_mount>("type=dev,dst=/d"), (Mount{.what = Devices{.to = "/d"}}));
}

TEST(ReadMount, RefusesWhatIsNoMount) {
  EXPECT_THAT(refusal<read_mount>("src=/a,dst=/b"), HasSubstr("the type is missing"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=/a"), HasSubstr("the destination is missing (dst=PATH)"));
  EXPECT_THAT(refusal<read_mount>("type=bind,dst=/b"), HasSubstr("the source is missing (src=PATH)"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=/a,src=/b,dst=/c"), HasSubstr("'src' comes twice"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=,dst=/c"), HasSubstr("'src' has no value"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=/a,dst=/b,size=1"), HasSubstr("unknown option 'size=1'"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=/a,dst=/b,mode=1"),
              HasSubstr("'mode' means nothing to type=bind"));
  EXPECT_THAT(refusal<read_mount>("type=sysfs,dst=/b,mode=1"),
              HasSubstr("'mode' means nothing to type=sysfs"));
  EXPECT_THAT(refusal<read_mount>("type=proc,dst=/b,ro"), HasSubstr("'ro' means nothing to type=proc"));
  EXPECT_THAT(refusal<read_mount>("type=proc,dst=/b,mode=x"),
              HasSubstr("'x' is neither auto, new, pids nor host"));
  EXPECT_THAT(refusal<read_mount>("type=tmpfs,src=/a,dst=/b"), HasSubstr("type=tmpfs has no source"));
  EXPECT_THAT(refusal<read_mount>("type=volume,dst=/b"), HasSubstr("kelp keeps no named volumes"));
  EXPECT_THAT(refusal<read_mount>("type=devpts,dst=/b"), HasSubstr("a part of the small /dev"));
  EXPECT_THAT(refusal<read_mount>("type=nfs,dst=/b"), HasSubstr("unknown type 'nfs'"));
  EXPECT_THAT(refusal<read_mount>("type=bnd,src=/a,dst=/b"), HasSubstr("unknown type 'bnd'"));
  EXPECT_THAT(refusal<read_mount>("type=volume,src=v,dst=/b"), HasSubstr("kelp keeps no named volumes"));
  EXPECT_THAT(refusal<read_mount>("type=volume,src=v"), HasSubstr("kelp keeps no named volumes"));
  EXPECT_THAT(refusal<read_mount>("type=bind,src=/a,dst=/b,ro=x"),
              HasSubstr("'x' is neither true nor false"));
  EXPECT_THAT(refusal<read_mount>("type=bind,bind-propagation=rslave"),
              HasSubstr("the same for the whole container"));
  EXPECT_THAT(refusal<read_mount>("type=bind,\"src=/a"), HasSubstr("a quote is not closed"));
}

TEST(ReadTmpfs, ReadsOptions) {
  EXPECT_EQ(mount<read_tmpfs>("/t"), (Mount{.what = Tmpfs{.to = "/t", .mode = 01777}}));
  EXPECT_EQ(mount<read_tmpfs>("/t:size=1g,mode=0755,ro,noexec,nosuid,nodev"),
            (Mount{.what = Tmpfs{
                       .to = "/t", .bytes = 1 << 30, .mode = 0755, .writable = false, .executable = false}}));
  EXPECT_THAT(refusal<read_tmpfs>("/t:size=0"), HasSubstr("a size of 0 would mean no limit"));
  EXPECT_THAT(refusal<read_tmpfs>("/t:size=50%"), HasSubstr("'size=50%' is no size"));
  EXPECT_THAT(refusal<read_tmpfs>("/t:mode=rwx"), HasSubstr("'mode=rwx' is no mode in octal"));
  EXPECT_THAT(refusal<read_tmpfs>("/t:suid"), HasSubstr("unknown option 'suid'"));
  EXPECT_THAT(refusal<read_tmpfs>("/t:ro:rw"), HasSubstr("more than two parts"));
}

TEST(ReadTmpfs, RefusesValuesThatTheKernelWouldHaveToRefuse) {
  for (const char* size : {"lots", "", "-1", "1.5g", "200%", "0x10", "99999999999999999999g"}) {
    const std::string option = cat("size=", size);
    EXPECT_THAT(refusal<read_tmpfs>(cat("/t:", option)), HasSubstr(cat("'", option, "' is no size"))) << size;
    EXPECT_THAT(refusal<read_mount>(cat("type=tmpfs,dst=/t,", option)), HasSubstr("'size")) << size;
  }
  for (const char* mode : {"lots", "", "-1", "8", "10000", "0x1ff"}) {
    const std::string option = cat("mode=", mode);
    EXPECT_THAT(refusal<read_tmpfs>(cat("/t:", option)), HasSubstr(cat("'", option, "' is no mode"))) << mode;
  }
}

// The greatest number of all means the kernel's own size to what comes after the command line.
TEST(ReadTmpfs, RefusesASizeThatNoFileSystemHas) {
  for (const char* size : {"9223372036854775808", "18446744073709551615"}) {
    EXPECT_THAT(refusal<read_tmpfs>(cat("/t:size=", size)), HasSubstr("more than a tmpfs can have")) << size;
  }
  EXPECT_EQ(mount<read_tmpfs>("/t:size=9223372036854775807"),
            (Mount{.what = Tmpfs{.to = "/t", .bytes = INT64_MAX, .mode = 01777}}));
}

TEST(ReadTmpfs, NamesOptionsThatKelpDoesNotSet) {
  for (const char* option : {"nr_inodes=no", "nr_inodes=5", "nr_blocks=5", "huge=always", "uid=5", "gid=5"}) {
    const std::string why = refusal<read_tmpfs>(cat("/t:", option));
    EXPECT_THAT(why, HasSubstr(cat("use '", option, "' in "))) << option;
    EXPECT_THAT(why, HasSubstr("kelp sets no such option of a tmpfs")) << option;
    EXPECT_THAT(refusal<read_volume>(cat("/a:/t:", option)), HasSubstr("unknown option")) << option;
  }
}

TEST(ReadFile, ReadsADescriptorAndADestination) {
  EXPECT_EQ(mount<read_file>("3:/etc/a:b"), (Mount{.what = DataFile{.to = "/etc/a:b", .fd = 3}}));
  EXPECT_THAT(refusal<read_file>("3"), HasSubstr("the destination is missing"));
  EXPECT_THAT(refusal<read_file>("-1:/a"), HasSubstr("'-1' is no number of a descriptor"));
  EXPECT_THAT(refusal<read_file>("99999999999:/a"), HasSubstr("is no number of a descriptor"));
}

TEST(ReadSymlink, ReadsATargetAndADestination) {
  EXPECT_EQ(mount<read_symlink>("../x\\:y:/l"), (Mount{.what = Symlink{.target = "../x:y", .to = "/l"}}));
  EXPECT_THAT(refusal<read_symlink>("/l"), HasSubstr("the destination is missing"));
  EXPECT_THAT(refusal<read_symlink>(":/l"), HasSubstr("the target is empty"));
}

TEST(ReadUserns, ReadsAMapOfUsersAndGroups) {
  const Result<Ids> ids = read_userns("0:1000:1,u1:100000:65536,g1:200000:10", "-x");
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->map, (decltype(Ids::map)(ExplicitIds{.users = {{0, 1000, 1}, {1, 100000, 65536}},
                                                      .groups = {{0, 1000, 1}, {1, 200000, 10}}})));
  EXPECT_EQ(ids->origin.text, "-x");
  EXPECT_TRUE(read_userns("0:0:4294967295", "-x"));
}

TEST(ReadUserns, RefusesWhatIsNoMap) {
  EXPECT_EQ(read_userns("host", "--userns=host").error().sentence(),
            "cannot use --userns=host: without a user namespace of its own a container needs root");
  for (const std::string_view bad :
       {"", "nomap", "0:0", "0:0:0:0", "u", "0:0:1,", "x0:0:1", "0:-1:1", "0: 1:1", "0:4294967295:1",
        "0:0:4294967296", "4294967296:0:1", "0x1:0:1", "ug0:0:1"}) {
    const Result<Ids> ids = read_userns(bad, "-x");
    ASSERT_FALSE(ids) << bad;
    EXPECT_THAT(ids.error().sentence(), testing::StartsWith("cannot read -x: '")) << bad;
  }
}

TEST(ReadUser, TakesANumberAsANumberOnly) {
  EXPECT_EQ(read_user("0", "-u")->user, (std::variant<Id, std::string>(Id{0})));
  EXPECT_EQ(read_user("4294967294", "-u")->user, (std::variant<Id, std::string>(Id{4294967294})));
  EXPECT_EQ(read_user("4294967295", "-u 4294967295").error().sentence(),
            "cannot read -u 4294967295: '4294967295' is no id: the greatest is 4294967294");
  EXPECT_FALSE(read_user("18446744073709551616", "-u"));
  EXPECT_EQ(read_user("1a", "-u")->user, (std::variant<Id, std::string>(std::string("1a"))));
}

TEST(ReadUser, RefusesWhatIsNoUser) {
  for (const std::string_view bad :
       {"", ":", "a:", ":b", "a:b:c", "a b", "-1", "+5", "a/b", "a\nb", "a:-1"}) {
    EXPECT_FALSE(read_user(bad, "-u")) << bad;
  }
}

TEST(ReadDuration, TakesUnitsAndFractions) {
  EXPECT_EQ(read_duration_ms("90"), 90'000U);
  EXPECT_EQ(read_duration_ms("1.5s"), 1500U);
  EXPECT_EQ(read_duration_ms("0.25"), 250U);
  EXPECT_EQ(read_duration_ms("500ms"), 500U);
  EXPECT_EQ(read_duration_ms("10m"), 600'000U);
  EXPECT_EQ(read_duration_ms("2h"), 7'200'000U);
  EXPECT_EQ(read_duration_ms("1d"), 86'400'000U);
  for (const std::string_view bad :
       {"", "s", "-1", "1 s", "1.", ".5", "1e3", "1w", "99999999999999999999", "0x1", "1.1234567"}) {
    EXPECT_FALSE(read_duration_ms(bad)) << bad;
  }
}

TEST(ReadSigned, TakesAMinusOnly) {
  EXPECT_EQ(read_signed("-5"), -5);
  EXPECT_EQ(read_signed("9223372036854775807"), INT64_MAX);
  for (const std::string_view bad : {"", "-", "+5", "--5", "9223372036854775808", "1.5"})
    EXPECT_FALSE(read_signed(bad)) << bad;
}

TEST(IsAddress, KnowsNumbersOnly) {
  for (const char* good : {"1.2.3.4", "::1", "fe80::1", "::ffff:1.2.3.4"})
    EXPECT_TRUE(is_address(good)) << good;
  for (const char* bad : {"", "1.2.3", "1.2.3.4 ", "1.2.3.256", "localhost", "::1%eth0", "01.2.3.4\n"})
    EXPECT_FALSE(is_address(bad)) << bad;
  EXPECT_FALSE(is_address(std::string_view("::1\0x", 5)));
}

TEST(AddVariablesOfFile, ReadsPodmansFormat) {
  const Surroundings around{.environment = {"OWN=1", "LC_A=2", "LC_B=3"}};
  std::vector<std::string> entries;
  ASSERT_TRUE(add_variables_of_file("\xEF\xBB\xBF# c\n\nA=1 2 \"x\"\r\n  B=#x\nOWN\nMISSING\nLC_*\nC=\n \t\n",
                                    around, "-x", entries));
  EXPECT_THAT(entries, ElementsAre("A=1 2 \"x\"", "B=#x", "OWN=1", "LC_A=2", "LC_B=3", "C="));
}

TEST(AddVariablesOfFile, NamesTheLine) {
  std::vector<std::string> entries;
  EXPECT_EQ(add_variables_of_file("A=1\nB C=2\n", {}, "--env-file=f", entries).error().sentence(),
            "cannot read line 2 of --env-file=f: there is a blank in the name of a variable");
  EXPECT_THAT(add_variables_of_file("\n=1", {}, "-x", entries).error().sentence(),
              HasSubstr("line 2 of -x: the name"));
  EXPECT_FALSE(add_variables_of_file(std::string("A=\0", 3), {}, "-x", entries));
}

TEST(EveryReader, SurvivesRandomBytes) {
  std::mt19937 random(7);
  constexpr std::string_view kLikely("\0:,=\\\"/-.ugmost0129*\n\xFF", 22);
  const Surroundings around{.environment = {"A=1", "B", "=x"}};
  std::vector<std::string> entries;
  for (int round = 0; round < 10'000; ++round) {
    std::string text = round % 3 == 0 ? "type=bind,src=" : "";
    for (std::size_t n = random() % 24; n > 0; --n) text += kLikely[random() % kLikely.size()];
    for (const auto reader : {read_volume, read_mount, read_tmpfs, read_file, read_symlink}) {
      const Result<Mount> got = reader(text, text);
      EXPECT_TRUE(got || !got.error().reason().empty());
    }
    (void)read_userns(text, text).has_value();
    (void)read_user(text, text).has_value();
    (void)read_duration_ms(text);
    (void)read_signed(text);
    (void)is_address(text);
    (void)is_host_name(text);
    (void)add_variables_of_file(text, around, text, entries).has_value();
    for (const std::string& entry : entries) {
      EXPECT_TRUE(entry.find('=') != std::string::npos && entry[0] != '=' &&
                  entry.find('\0') == std::string::npos);
    }
    entries.clear();
  }
}

}  // namespace
}  // namespace kelp::cli
