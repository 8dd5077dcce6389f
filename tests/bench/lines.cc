// SPDX-License-Identifier: Apache-2.0
// Medians of a row, and text from numbers.
#include "lines.h"

#include <cstdarg>
#include <cstdio>

#include "statistics.h"

namespace kelp::bench {

std::string format(const char* pattern, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, pattern);
  vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

std::string number_or_dash(const std::optional<double>& value, int places) {
  return value ? format("%.*f", places, *value) : "-";
}

std::vector<Line> lines_of(const RowResult& row) {
  std::vector<Line> lines;
  for (const Measured& contender : row.contenders) {
    const std::vector<double> ms = times(contender);
    lines.push_back({.name = contender.name,
                     .problem = contender.problem,
                     .runs = ms.size(),
                     .ms = median(ms),
                     .deviation = median_deviation(ms),
                     .ratios = {median_ratio(&contender, row.find(row.row.references[0])),
                                median_ratio(&contender, row.find(row.row.references[1]))}});
  }
  return lines;
}

std::string share_text(const RowResult& row) {
  std::string text;
  for (const Measured& contender : row.contenders) {
    const std::optional<double> share =
        median_difference(&contender, row.find(contender.name + ", " + row.row.share_without));
    if (share) text += format("%s %s %.2f ms", text.empty() ? "" : ",", contender.name.c_str(), *share);
  }
  return text.empty() ? text : row.row.share_name + ":" + text;
}

}  // namespace kelp::bench
