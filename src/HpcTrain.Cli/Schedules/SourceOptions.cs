using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary>The options of commands that work on one schedule: a file, or an algorithm for so many ranks.</summary>
internal abstract class SourceOptions : SpecOptions
{
    [Value(0, MetaName = "FILE", HelpText = "A schedule file, JSON or MSCCL XML; instead of --algorithm.")]
    public string? File { get; set; }

    [Option("algorithm", MetaValue = "NAME", HelpText =
        "An algorithm of 'hpctrain schedules list'; the collective is allreduce unless --collective says otherwise.")]
    public string? Algorithm { get; set; }

    [Option("root", MetaValue = "RANK", HelpText = "The root of a reduce, broadcast, gather or scatter (default: 0).")]
    public int? Root { get; set; }

    /// <summary>The schedule, of which only the form is checked.</summary>
    public Schedule Read() => IsFile ? ScheduleFile.Read(File!) : Create();

    /// <summary>The schedule, proved.</summary>
    public Schedule Load()
    {
        if (IsFile)
            return ScheduleFile.Load(File!);
        var schedule = Create();
        ScheduleVerifier.Verify(schedule);
        return schedule;
    }

    private bool IsFile
    {
        get
        {
            string?[] others = [Algorithm, Collective, Ranks?.ToString(), Nodes, Root?.ToString()];
            if (File is null && Algorithm is null)
                throw new UsageException("name a schedule: a FILE, or --algorithm NAME --ranks N");
            if (File is not null && others.Any(other => other is not null))
                throw new UsageException("FILE already says what --algorithm, --collective, --ranks, --nodes and --root would; give one or the other");
            return File is not null;
        }
    }

    private Schedule Create()
    {
        var kind = ParseCollective(Collective ?? "allreduce");
        if (Root is not null && !kind.HasRoot())
            throw new UsageException($"--root makes no sense for {kind.Name()}, which has none");
        var spec = Spec(kind, Ranks ?? throw new UsageException("--ranks is missing: for how many ranks?"), Root ?? 0);
        return OrUsage(() => AlgorithmCatalog.Create(Algorithm!, spec));
    }
}
