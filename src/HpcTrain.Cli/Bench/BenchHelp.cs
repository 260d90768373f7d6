using System.Text;
using HpcTrain.Benchmarking;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Bench;

/// <summary>What stands below the options in the help of `hpctrain bench`.</summary>
internal static class BenchHelp
{
    private const string Text = """
        Examples:
          mpirun -n 4 hpctrain bench allreduce -b 8 -e 256M --algorithm ring,auto --json out.json --chart out.svg
          srun -n 64 hpctrain bench all -b 1K -e 64M -f 4 --iters auto --max-time 1800 --csv out.csv
          hpctrain bench allreduce --ranks 4 --type all --op all -e 64K     starts 4 ranks on this machine
          hpctrain bench broadcast --ranks 2 --overlap
          mpirun -n 4 hpctrain bench allreduce -b 1K -e 64M -f 16 --timeline t.json      what ran when on each rank, for https://ui.perfetto.dev
          hpctrain schedules export --algorithm ring --ranks 4 --format msccl --out mine.xml
          mpirun -n 4 hpctrain bench allreduce --schedule mine.xml --algorithm direct,auto
          mpirun -n 4 hpctrain bench allreduce --schedule plan.json --topology cluster.json
          OMPI_MCA_coll_tuned_use_dynamic_rules=1 OMPI_MCA_coll_tuned_allreduce_algorithm=ring hpctrain bench allreduce

        How it measures. The contenders (the algorithms and the MPI library) take turns, one batch each per round, so that what disturbs the
        machine hits all. A batch is as many calls as last a millisecond, at least one, between barriers, after one call that is not timed. A
        call takes the mean of the slowest rank's batch; a row shows the median over batches. p50 and p99 are over single calls, timed one
        by one afterwards (at most 1000). algbw = size / time; busbw = algbw x 2(n-1)/n for allreduce, x (n-1)/n for reduce-scatter,
        allgather, all-to-all, gather and scatter, x 1 for broadcast and reduce; 1 GB = 1e9 bytes. ratio = time of the MPI library / our
        time. Sums, averages and products of floats in place are timed on zeros or ones, since they would leave the range of the
        type otherwise; checks and all else use random data.

        What is checked (#wrong). All elements on all ranks, against a scalar reference in 64 bits: exactly where nothing is rounded, else within
        the rounding that the type, the number of ranks and the type of partial results allow. The MPI library's results are checked, too, on
        integers that do not overflow: MPI does not say what happens then; ours wrap around. Where it is wrong, that is said and its time
        not compared. A barrier has no result, so ranks come late to it in turn, and whoever leaves before the late one has come counts as
        wrong; on ranks of several machines, whose clocks differ, nothing is counted.

        """;

    private const string JsonKeys = """
        JSON: one object.
          complete      false while the run goes on, and when --max-time cut it short
          environment   date (UTC), program, command_line, cpu, cores, os, dotnet, kernels, mpi, mpi_path, mpi_calls (how its calls
                        wait), mpi_settings (variables that tune its collectives), launcher, ranks, ranks_outnumber_cores, node_map (nodes x ranks
                        per node), nodes[], tuning_rules, checked (HPCTRAIN_CHECKED: costs time), stall_timeout_s, buffers, seed
          notes         what was left out, and why
          rows[]        as below; null where there is nothing to tell
          summary       rows, wrong, peer_wrong, average_busbw_gbs, comparisons[] (collective, requested_algorithm, peer, peer_algorithm, rows,
                        geometric_mean, smallest, smallest_bytes)
        CSV: the environment as lines that begin with #, the names of the columns, a line per row. Names are only ever added.
        The files are whole at any time; while the run goes on they are renewed every few seconds. A row has
        """;

    public static string Footer
    {
        get
        {
            var text = new StringBuilder(Text).Append('\n').Append(JsonKeys).Append('\n');
            foreach (var (name, meaning) in BenchmarkColumns.All)
                text.Append("  ").Append(name.PadRight(22)).Append(meaning).Append('\n');
            return text.Append('\n').Append(ExitCodes.Help).ToString();
        }
    }
}
