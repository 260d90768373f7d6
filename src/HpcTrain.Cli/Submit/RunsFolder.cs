namespace HpcTrain.Cli.Submit;

/// <summary>Where run folders and submissions are.</summary>
internal static class RunsFolder
{
    /// <summary>What <c>--runs</c> says, else <c>HPCTRAIN_RUNS</c>, else <c>runs</c>.</summary>
    public static string Of(string? option) => option ?? Environment.GetEnvironmentVariable("HPCTRAIN_RUNS") ?? "runs";
}
