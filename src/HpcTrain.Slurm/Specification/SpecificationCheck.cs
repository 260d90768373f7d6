using System.Text.RegularExpressions;
using HpcTrain.CommandLine;

namespace HpcTrain.Slurm;

/// <summary>What a specification must be, whatever the cluster; the first mistake is told with the name that the property has in JSON.</summary>
public static partial class SpecificationCheck
{
    /// <summary>Options of sbatch that a specification has properties for: given as well they would contradict it.</summary>
    private static readonly Dictionary<string, string> s_own = new()
    {
        ["job-name"] = "name",
        ["nodes"] = "nodes",
        ["ntasks-per-node"] = "ranks_per_node",
        ["cpus-per-task"] = "cpus_per_rank",
        ["gpus-per-task"] = "gpus_per_rank",
        ["time"] = "time",
        ["partition"] = "partition",
        ["account"] = "account",
        ["array"] = "array",
        ["dependency"] = "dependency",
        ["requeue"] = "requeue",
        ["no-requeue"] = "requeue",
        ["signal"] = "requeue",
        ["chdir"] = "folder",
        ["container"] = "container",
    };

    /// <summary>Options that only make sense for sbatch itself, not for what it is to run.</summary>
    private static readonly string[] s_ofSubmission = ["help", "usage", "version", "parsable", "wait", "wrap", "test-only", "output", "error", "open-mode", "quiet"];

    /// <summary>Checks a specification.</summary>
    /// <param name="specification">The specification.</param>
    /// <exception cref="SlurmException">Something in it cannot be.</exception>
    public static void Check(JobSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        Require(NamePattern().IsMatch(specification.Name), "name", specification.Name, "1 to 100 letters, digits, dots, dashes and underscores");
        Require(specification.Program.Length > 0, "program", specification.Program, "a path or a name");
        Require(specification.RanksPerNode >= 1, "ranks_per_node", specification.RanksPerNode, "at least 1");
        Require(specification.CpusPerRank >= 1, "cpus_per_rank", specification.CpusPerRank, "at least 1");
        Require(specification.GpusPerRank >= 0, "gpus_per_rank", specification.GpusPerRank, "0 or more");
        Require(specification.Time is null || TimePattern().IsMatch(specification.Time), "time", specification.Time, "minutes, as 90, or hours:minutes:seconds, as 1:30:00, or days-hours, as 2-12");
        Require(specification.Array is null || ArrayPattern().IsMatch(specification.Array), "array", specification.Array, "indices, as 0-9 or 1,3,5-7, with %2 for at most 2 at once");
        Require(specification.Array is null || specification.Parameters.Count == 0, "array", specification.Array, "left out where there are parameters, which make an array of their own");
        Require(specification.AtOnce is null or >= 1, "at_once", specification.AtOnce, "at least 1");
        Require(specification.Dependency is null || DependencyPattern().IsMatch(specification.Dependency), "dependency", specification.Dependency, "such as afterok:17:18, afternotok:17 or singleton");
        Require(specification.Requeue is null or { AtMost: >= 1 }, "requeue.at_most", specification.Requeue?.AtMost, "at least 1");
        Require(specification.Requeue is null or { WarningSeconds: >= 0 and <= 65535 }, "requeue.warning_seconds", specification.Requeue?.WarningSeconds, "from 0 to 65535");
        foreach (string text in new[] { specification.Partition, specification.Account, specification.RunFolder, specification.Folder }.OfType<string>())
            Require(text.Length > 0 && !text.Contains('\n', StringComparison.Ordinal), "a property", text, "a text of one line, or left out");
        foreach (string name in specification.Environment.Keys)
            Require(VariablePattern().IsMatch(name), "environment", name, "names of variables: letters, digits and _");
        foreach (string module in specification.Modules)
            Require(ModulePattern().IsMatch(module), "modules", module, "names of modules, as openmpi/4.1");
        Require(specification.Container is null || ContainerPattern().IsMatch(specification.Container), "container", specification.Container, "apptainer:IMAGE, singularity:IMAGE or pyxis:IMAGE");
        foreach (string option in specification.Parameters.SelectMany(task => task.Keys))
            Require(OptionPattern().IsMatch(option), "parameters", option, "names of options without their dashes");
        foreach ((string option, string value) in specification.Sbatch)
            CheckOption(option, value);
    }

    private static void CheckOption(string name, string value)
    {
        if (s_own.TryGetValue(name, out string? property))
            throw new SlurmException(SlurmFault.Specification, $"sbatch's --{name} is the specification's own '{property}': say it there");
        if (s_ofSubmission.Contains(name))
            throw new SlurmException(SlurmFault.Specification, $"sbatch's --{name} belongs to the submission, which hpctrain does itself: leave it out");
        if (!SbatchOptions.All.TryGetValue(name, out OptionValue kind))
        {
            // By distance, for a word that is far from all has neighbours too.
            IEnumerable<string> near = SbatchOptions.All.Keys.OrderBy(known => NearestName.Distance(name, known)).ThenBy(known => known, StringComparer.Ordinal).Take(3);
            throw new SlurmException(SlurmFault.Specification, $"sbatch has no option --{name}; the nearest are {string.Join(", ", near.Select(known => $"--{known}"))}");
        }
        if (kind == OptionValue.None && value.Length > 0)
            throw new SlurmException(SlurmFault.Specification, $"sbatch's --{name} takes no value, but '{value}' is given");
        if (kind == OptionValue.Required && value.Length == 0)
            throw new SlurmException(SlurmFault.Specification, $"sbatch's --{name} needs a value");
        Require(!value.Contains('\n', StringComparison.Ordinal), $"sbatch.{name}", value, "a text of one line");
    }

    private static void Require(bool holds, string property, object? value, string expected)
    {
        if (!holds)
            throw new SlurmException(SlurmFault.Specification, FormattableString.Invariant($"{property} is '{value}': it must be {expected}"));
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(\d+(:\d{1,2}){0,2}|\d+-\d{1,2}(:\d{1,2}){0,2}|UNLIMITED|INFINITE)\z")]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"^\d+(-\d+(:\d+)?)?(,\d+(-\d+(:\d+)?)?)*(%\d+)?\z")]
    private static partial Regex ArrayPattern();

    [GeneratedRegex(@"^(singleton|(after|afterany|afterburstbuffer|aftercorr|afternotok|afterok)(:\d+(_(\d+|\*))?(\+\d+)?)+)([,?](singleton|(after|afterany|afterburstbuffer|aftercorr|afternotok|afterok)(:\d+(_(\d+|\*))?(\+\d+)?)+))*\z")]
    private static partial Regex DependencyPattern();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_./+-]*\z")]
    private static partial Regex ModulePattern();

    [GeneratedRegex(@"^(apptainer|singularity|pyxis):[^\n]+\z")]
    private static partial Regex ContainerPattern();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9-]*\z")]
    private static partial Regex OptionPattern();
}
