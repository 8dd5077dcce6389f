// SPDX-License-Identifier: Apache-2.0
// How a Report crosses the pipe: a fixed head, then its texts, cut so that the whole stays atomic.
// Runs in: both.
#include "child/report.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

using Head = sys::ReportHead;
constexpr std::size_t kTextMax = (PIPE_BUF - sizeof(Head)) / sys::kReportTexts;

// Reads exactly size bytes; false at the end of the pipe.
Result<bool> read_exactly(int fd, void* into, std::size_t size) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t count = ::read(fd, at, size);
    if (count < 0) {
      if (errno == EINTR) continue;
      return sys::failure("read the child's report");
    }
    if (count == 0) return false;
    at += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

Report report_of(const Head& head) {
  return {.kind = head.kind,
          .step = head.step,
          .index = head.index,
          .code = head.code,
          .status = head.status,
          .action = {},
          .reason = {},
          .hint = {},
          .part = static_cast<FailedPart>(head.part)};
}

std::array<std::string*, sys::kReportTexts> texts_of(Report& report) {
  return {&report.action, &report.reason, &report.hint, &report.object};
}

}  // namespace

Status send_report(int fd, const Report& report) {
  const std::array<const std::string*, sys::kReportTexts> texts = {&report.action, &report.reason,
                                                                   &report.hint, &report.object};
  Head head{};
  head.kind = report.kind;
  head.step = report.step;
  head.index = report.index;
  head.code = report.code;
  head.status = report.status;
  head.part = static_cast<std::uint8_t>(report.part);
  std::string bytes(sizeof head, '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) {
    head.sizes[i] = static_cast<std::uint16_t>(std::min(texts[i]->size(), kTextMax));
    bytes.append(*texts[i], 0, head.sizes[i]);
  }
  std::memcpy(bytes.data(), &head, sizeof head);
  return sys::write_all(fd, bytes, "the report pipe");
}

std::optional<Report> read_report(std::string_view bytes) {
  Head head{};
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  bytes.remove_prefix(sizeof head);
  Report report = report_of(head);
  const auto texts = texts_of(report);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (bytes.size() < head.sizes[i]) return std::nullopt;
    *texts[i] = bytes.substr(0, head.sizes[i]);
    bytes.remove_prefix(head.sizes[i]);
  }
  return report;
}

Result<std::optional<Report>> receive_report(int fd) {
  Head head{};
  Result<bool> got = read_exactly(fd, &head, sizeof head);
  if (!got) return got.error();
  if (!*got) return std::optional<Report>();
  Report report = report_of(head);
  const auto texts = texts_of(report);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i]->resize(head.sizes[i]);
    got = read_exactly(fd, texts[i]->data(), texts[i]->size());
    if (!got) return got.error();
    if (!*got) return std::optional<Report>();
  }
  return std::optional<Report>(std::move(report));
}

}  // namespace kelp::child
