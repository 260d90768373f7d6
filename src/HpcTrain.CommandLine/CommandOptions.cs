using global::CommandLine;

namespace HpcTrain.CommandLine;

/// <summary>The base of every command's options. CommandLineParser drops words that belong to no option; this keeps them.</summary>
public abstract class CommandOptions
{
    /// <summary>Words that no other Value property takes: <see cref="OptionParser"/> refuses them.</summary>
    [Value(1000, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];
}
