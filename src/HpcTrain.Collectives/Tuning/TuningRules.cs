using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives;

/// <summary>
/// Rules for the choice of algorithms: for each collective an ordered list, of which the first that matches a call decides. A file of them is
/// JSON with comments, of the form that <see cref="Schema"/> tells.
/// </summary>
public sealed partial class TuningRules
{
    /// <summary>The environment variable that names a file of rules for all communicators that are not given others.</summary>
    public const string Variable = "HPCTRAIN_TUNING";

    /// <summary>What the file says it is.</summary>
    public const string Format = "hpctrain-tuning";

    /// <summary>The newest version of the format.</summary>
    public const int Version = 1;

    private readonly TuningRule[][] _byCollective;

    /// <summary>Takes rules.</summary>
    /// <param name="rules">The rules; the order among those of a collective counts.</param>
    /// <param name="source">Where they come from, for reasons and errors: usually a file's path.</param>
    /// <param name="about">What they were made for, in words; may be empty.</param>
    /// <param name="evidence">The measurements behind them, if any.</param>
    public TuningRules(IEnumerable<TuningRule> rules, string source, string about = "", IReadOnlyList<TuningEvidence>? evidence = null)
    {
        Rules = [.. rules];
        Source = source;
        About = about;
        Evidence = evidence ?? [];
        _byCollective = [.. Enum.GetValues<CollectiveKind>().Select(kind => Rules.Where(rule => rule.Collective == kind).ToArray())];
    }

    /// <summary>The JSON schema of the file.</summary>
    public static string Schema { get; } = ReadSchema();

    /// <summary>Where the rules come from.</summary>
    public string Source { get; }

    /// <summary>What they were made for, in words.</summary>
    public string About { get; }

    /// <summary>All rules in their order.</summary>
    public IReadOnlyList<TuningRule> Rules { get; }

    /// <summary>The measurements behind them.</summary>
    public IReadOnlyList<TuningEvidence> Evidence { get; }

    /// <summary>The first rule that matches a call; null when none does.</summary>
    /// <param name="collective">What is called.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="nodes">Which of them share a node; null: all do.</param>
    /// <param name="bytes">The length of the whole data buffer in bytes, see <see cref="TuningRule.Bytes"/>.</param>
    /// <param name="root">The call's root; of no matter where the collective has none.</param>
    public TuningRule? Find(CollectiveKind collective, int ranks, NodeMap? nodes, long bytes, int root = 0) =>
        Array.Find(_byCollective[(int)collective], rule => rule.Matches(ranks, nodes, bytes, root));

    /// <summary>Names a rule as a user would look for it, for example <c>rule 3 for allreduce in site.json</c>, with the schedule that it names, if it does.</summary>
    public string NameOf(TuningRule rule) =>
        $"rule {Array.IndexOf(_byCollective[(int)rule.Collective], rule) + 1} for {rule.Collective.Name()} in {Source}{(rule.Schedule is { } schedule ? $", schedule {schedule.File}" : "")}";

    /// <summary>The rules of the file that <see cref="Variable"/> names; null when it is not set.</summary>
    /// <exception cref="ScheduleException">The file cannot be read or used.</exception>
    internal static TuningRules? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? Load(path) : null;

    /// <summary>Makes sure that all ranks choose by the same rules. A collective call.</summary>
    /// <exception cref="ScheduleException">They do not; all ranks get the same sentence.</exception>
    internal static void RequireSame(Intracommunicator comm, TuningRules? rules)
    {
        ulong[] prints = comm.AllGather(rules?.Fingerprint() ?? 0);
        int other = Array.FindIndex(prints, print => print != prints[0]);
        if (other < 0)
            return;
        string Has(int rank) => prints[rank] == 0 ? "has none" : $"has some (fingerprint {prints[rank]:x16})";
        throw new ScheduleException(
            $"The ranks do not have the same tuning rules: rank 0 {Has(0)}, but rank {other} {Has(other)}; give {Variable} or {nameof(CommunicatorOptions.Rules)} "
            + "alike on all ranks (Open MPI passes a variable on to other nodes only with -x).");
    }

    /// <summary>A number that differs when the rules do, and is not 0.</summary>
    private ulong Fingerprint() =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Rules)))) | 1;

    private static string ReadSchema()
    {
        using Stream stream = typeof(TuningRules).Assembly.GetManifestResourceStream("rules.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
