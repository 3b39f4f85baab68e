"""Files in and out: data sets, records, states of runs; progress, threads. No model code."""
