// SPDX-License-Identifier: Apache-2.0
// Real packages, installed with one id and without a network into the Debian of tests/e2e/fetch_debian. Among
// them are a setgid program, users and groups of their own, setuid programs, and capabilities of files.
#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kPackages = "bash-completion openssh-client nginx-light postfix sudo";

constexpr std::chrono::seconds kPatience{150};

class Packages : public testing::Test {
 protected:
  void SetUp() override {
    KELP_ONLY_AS("the user of a range needs no emulation", "noranges");
    const fs::path tar = fs::path(kelp_binary()).parent_path().parent_path() / "packages" / "debian.tar";
    KELP_REQUIRE(fs::exists(tar), "tests/e2e/fetch_debian build/packages was not run");
    root = here.dir("debian");
    const Outcome unpacked =
        run({"tar", "-C", root, "--no-same-owner", "--exclude=./dev/*", "-xf", tar}, {.timeout = kPatience});
    ASSERT_EQ(unpacked.status, 0) << unpacked.err;
  }

  Outcome install(const std::string& script, Argv options = {}) const {
    options.insert(options.end(), {"--network=none", "-e", "DEBIAN_FRONTEND=noninteractive"});
    Argv words = {"run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {root, "sh", "-ec", "exec 2>&1; " + script});
    return kelp(std::move(words), {.timeout = kPatience});
  }

  void expect_installed() const {
    const std::string look = "dpkg-query -W -f '${db:Status-Abbrev} ${Package}\\n' ";
    EXPECT_EQ(install(look + kPackages + " | sort").out,
              "ii  bash-completion\nii  nginx-light\nii  openssh-client\nii  postfix\nii  sudo\n");
    EXPECT_EQ(
        install("dpkg --audit; stat -c '%a %n' /usr/bin/sudo /usr/sbin/postdrop /usr/bin/ssh-agent").out,
        "4755 /usr/bin/sudo\n2555 /usr/sbin/postdrop\n2755 /usr/bin/ssh-agent\n");
    // They run, as far as a machine is not needed.
    const Outcome works = install("nginx -t; ssh -V; postconf -h mail_name; getent group postdrop ssl-cert");
    EXPECT_THAT(works.out,
                testing::AllOf(HasSubstr("test is successful"), HasSubstr("OpenSSH_"), HasSubstr("Postfix\n"),
                               HasSubstr("postdrop:"), HasSubstr("ssl-cert:")));
  }

  TempDir here;
  std::string root;
};

TEST_F(Packages, AreInstalledByApt) {
  const Outcome outcome =
      install(std::string("apt-get -qq -y --no-download -o Dpkg::Options::=--force-unsafe-io "
                          "install ") +
              kPackages);
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  expect_installed();
}

TEST_F(Packages, AreInstalledByDpkg) {
  // In the order that one of them asks for (pre-dependencies); dpkg finds no such order itself.
  const Outcome outcome = install(
      "cd /var/cache/apt/archives; dpkg --force-unsafe-io -i libcom-err2_* libss2_* libext2fs2_* logsave_*; "
      "dpkg --force-unsafe-io -i *.deb");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  expect_installed();
}

TEST_F(Packages, AreNotInstalledWithoutRootEmulation) {
  const Outcome apt = install("apt-get -y --no-download install openssh-client", {"--fake-root=off"});
  EXPECT_NE(apt.status, 0);
  EXPECT_THAT(apt.out, HasSubstr("setgroups 65534 failed"));
  const Outcome dpkg = install("dpkg -i /var/cache/apt/archives/ssl-cert_*.deb", {"--fake-root=off"});
  EXPECT_NE(dpkg.status, 0);
}

// ---- with their owners

const Argv kKept = {"--fake-root=consistent"};

TEST_F(Packages, ShowTheirOwnersWhereTheseAreKept) {
  const Outcome outcome = install(
      "apt-get -qq -y --no-download -o Dpkg::Options::=--force-unsafe-io install openssh-client postfix",
      kKept);
  ASSERT_EQ(outcome.status, 0) << outcome.out;
  const std::string look =
      "dpkg --audit; cd /; stat -c '%a %U:%G %n' usr/bin/ssh-agent usr/sbin/postdrop var/lib/postfix "
      "var/spool/postfix/public var/spool/postfix/maildrop etc/ssl/private";
  EXPECT_EQ(install(look, kKept).out,
            "2755 root:_ssh usr/bin/ssh-agent\n2555 root:postdrop usr/sbin/postdrop\n"
            "755 postfix:postfix var/lib/postfix\n2710 postfix:postdrop var/spool/postfix/public\n"
            "1730 postfix:postdrop var/spool/postfix/maildrop\n710 root:ssl-cert etc/ssl/private\n");
  EXPECT_THAT(install(look).out, HasSubstr("2555 root:root usr/sbin/postdrop\n")) << "the truth";
  const Outcome packed =
      install("cd /; tar -c usr/sbin/postdrop var/spool/postfix/public usr/bin/slogin | tar -tv", kKept);
  EXPECT_THAT(packed.out,
              testing::AllOf(HasSubstr("-r-xr-sr-x root/postdrop"), HasSubstr("drwx--s--- postfix/postdrop"),
                             HasSubstr("lrwxrwxrwx root/root")));
}

TEST_F(Packages, AreUnpackedByTarWithTheirOwnersWhereTheseAreKept) {
  const std::string make =
      "cd /root; mkdir in out; echo >in/f; ln -s f in/l; mkfifo in/p; mknod in/c c 1 3; mknod in/b b 8 1; "
      "chown -h 33:42 in/*; chmod 4755 in/f; ";
  const std::string look = "stat -c '%a %u:%g %t:%T %F' out/in/*";
  const std::string expected =
      "644 33:42 8:1 block special file\n644 33:42 1:3 character special file\n4755 33:42 0:0 regular file\n"
      "777 33:42 0:0 symbolic link\n644 33:42 0:0 fifo\n";
  EXPECT_EQ(install(make + "tar -cf a.tar in; tar -C out -xf a.tar; " + look, kKept).out, expected);
  EXPECT_EQ(install("cd /root; " + look, kKept).out, expected) << "the next run";
  const Outcome listed = run({"tar", "--numeric-owner", "-tvf", root + "/root/a.tar"});
  EXPECT_THAT(listed.out,
              testing::AllOf(HasSubstr("crw-r--r-- 33/42"), HasSubstr("1,3"), HasSubstr("-rwsr-xr-x 33/42"),
                             HasSubstr("lrwxrwxrwx 33/42"), HasSubstr("prw-r--r-- 33/42")));
}

// ---- rpm

constexpr const char* kSpec = R"(Name: kelp-test
Version: 1
Release: 1
Summary: Files of several owners
License: Apache-2.0
BuildArch: noarch
AutoReqProv: no
%description
A setuid program, a setgid directory, and a file and a link of another owner.
%install
mkdir -p %{buildroot}/opt/t/dir
echo one >%{buildroot}/opt/t/setuid
echo two >%{buildroot}/opt/t/owned
ln -s owned %{buildroot}/opt/t/link
%files
%attr(4755, daemon, root) /opt/t/setuid
%attr(2750, root, mail) %dir /opt/t/dir
%attr(0640, daemon, mail) /opt/t/owned
%attr(-, daemon, mail) /opt/t/link
)";

TEST_F(Packages, AreBuiltAndInstalledByRpm) {
  here.file("debian/root/t.spec", kSpec);
  const Outcome built = install("cd /root; rpmbuild -bb --define '_topdir /root/rpm' t.spec");
  ASSERT_EQ(built.status, 0) << built.out;
  const std::string rpm = "rpm -i --nodeps --force-debian /root/rpm/RPMS/noarch/*.rpm; ";
  const Outcome control = install(rpm, {"--fake-root=off"});
  EXPECT_THAT(control.out, HasSubstr("chown failed"));
  const Outcome outcome = install(rpm + "rpm -q kelp-test; cd /opt/t; stat -c '%a %u:%g %n' *; cat link");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out,
            "kelp-test-1-1.noarch\n2750 0:0 dir\n777 0:0 link\n640 0:0 owned\n4755 0:0 setuid\ntwo\n");
  const Outcome kept = install(
      "(rpm -e kelp-test; " + rpm + ") >/dev/null 2>&1; cd /opt/t; stat -c '%a %u:%g %n' *; rpm -V kelp-test",
      kKept);
  EXPECT_EQ(kept.out, "2750 0:8 dir\n777 1:8 link\n640 1:8 owned\n4755 1:0 setuid\n") << "and rpm finds them";
}

TEST_F(Packages, AreUnpackedByTarWithTheirOwners) {
  const std::string script =
      "cd /root; mkdir in out; echo >in/f; tar --owner=33 --group=42 -cf a.tar in; "
      "tar -C out --same-owner -xpf a.tar; ls out/in";
  const Outcome outcome = install(script);
  EXPECT_EQ(outcome.out, "f\n");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(install("cd /root; tar -C out --same-owner -xpf a.tar", {"--fake-root=off"}).status, 0);
}

}  // namespace
}  // namespace kelp::harness
