using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tune;

internal sealed class TuneOptions : CommandOptions
{
    [Option("collectives", Default = "allreduce,reduce-scatter,allgather,broadcast", MetaValue = "NAMES", HelpText = "What to tune, separated by commas; or all.")]
    public string Collectives { get; set; } = "";

    [Option('b', "min-bytes", Default = "8", MetaValue = "SIZE", HelpText = "The first size: bytes of the whole data buffer, such as 8, 64K, 16M.")]
    public string MinBytes { get; set; } = "";

    [Option('e', "max-bytes", Default = "16M", MetaValue = "SIZE", HelpText = "The largest size.")]
    public string MaxBytes { get; set; } = "";

    [Option('f', "factor", Default = 8, MetaValue = "FACTOR", HelpText = "From one size to the next.")]
    public int Factor { get; set; }

    [Option("segments", Default = "64K,256K,4M", MetaValue = "SIZES", HelpText = "Longest messages to try besides the default of 1M, separated by commas.")]
    public string Segments { get; set; } = "";

    [Option("max-time", Default = 180.0, MetaValue = "SECONDS", HelpText = "The time for all measurements; sizes that are not reached are said, and get no rule.")]
    public double MaxTime { get; set; }

    [Option('o', "output", Default = "hpctrain-tuning.json", MetaValue = "FILE", HelpText = "The file of rules to write; it is there as a whole or not at all.")]
    public string Output { get; set; } = "";

    [Option("ranks", MetaValue = "COUNT", HelpText = "Without a launcher: start that many ranks on this machine (one for each core). With --explain: the rank count.")]
    public int? Ranks { get; set; }

    [Option("mpi", MetaValue = "openmpi|mpich", HelpText = "Without a launcher: whose mpirun to start the ranks with (the first found).")]
    public string? Mpi { get; set; }

    [Option("schema", HelpText = "Print the JSON schema of files of rules.")]
    public bool Schema { get; set; }

    [Option("explain", MetaValue = "COLLECTIVE", HelpText = "Measure nothing: say which algorithm a call gets, and why. Starts no ranks.")]
    public string? Explain { get; set; }

    [Option("bytes", MetaValue = "SIZE", HelpText = "With --explain: bytes of the whole data buffer.")]
    public string? Bytes { get; set; }

    [Option("nodes", MetaValue = "MAP", HelpText = "With --explain: 2x4 (2 nodes of 4 ranks), 4,4,2 (ranks per node); one node otherwise.")]
    public string? Nodes { get; set; }

    [Option("rules", MetaValue = "FILE", HelpText = "With --explain: a file of rules; otherwise that of HPCTRAIN_TUNING, if it is set.")]
    public string? Rules { get; set; }

    [Option("algorithm", Default = "auto", MetaValue = "NAME", HelpText = "With --explain: the algorithm that the call asks for.")]
    public string Algorithm { get; set; } = "";
}
