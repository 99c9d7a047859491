#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "exporter/exposition/writer.h"

namespace acronis::exporter {

/// Writes collected families with our own spelling, series sorted by their
/// label values. Counters, gauges and histograms; the program uses no other type.
/// They began to count at what the writer was told last (FamilyWriter::BornAt).
void WriteFamilies(std::vector<prometheus::MetricFamily> families, FamilyWriter& writer);

}  // namespace acronis::exporter
