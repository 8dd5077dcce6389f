// SPDX-License-Identifier: Apache-2.0
// What is said to helpers/exec while it waits for the word to begin: messages over a SOCK_SEQPACKET
// connection, each a kind and a text. It answers as over the report pipe (report_head.h), a message a report,
// and the end of the connection means that the command was executed. A connection that ends before kStart
// counts for nothing. Runs in: both.
#pragma once

#include <cstddef>

namespace kelp::sys {

enum StartMessage : char {
  kStateBefore = 'b',  // the next part of the state document, up to the process id
  kStateAfter = 'a',   // the next part of what follows that
  kStart = 's',        // no text: begin
};

inline constexpr std::size_t kMostOfMessage = 32768;
inline constexpr std::size_t kMostOfState = 1U << 20U;  // of the document

}  // namespace kelp::sys
