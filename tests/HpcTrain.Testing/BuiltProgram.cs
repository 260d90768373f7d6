namespace HpcTrain.Testing;

/// <summary>
/// The programs of this build. Those that set-up publishes are compiled ahead of time and start in half the time: the tests start
/// them when whoever starts the tests has published what he built and says so (tests/run.sh does), and else what was built last.
/// </summary>
public static class BuiltProgram
{
    /// <summary>The variable that chooses: <c>published</c>, or not set.</summary>
    public const string Variable = "HPCTRAIN_TEST_PROGRAMS";

    private const string Published = "published";

    /// <summary>The full path of a program.</summary>
    /// <param name="project">Its project, such as <c>HpcTrain.Cli</c>.</param>
    /// <param name="program">Its executable, such as <c>hpctrain</c>.</param>
    /// <exception cref="InvalidOperationException">The variable has another value, or there is no such program.</exception>
    public static string Find(string project, string program)
    {
        string kind = Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" => "bin",
            Published => "publish",
            var other => throw new InvalidOperationException($"{Variable} is {other}; it must be {Published}, or not set"),
        };

        // artifacts/bin/THESE.Tests/release/ -> artifacts/KIND/PROJECT/release/PROGRAM
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string path = Path.Combine(here.Parent!.Parent!.Parent!.FullName, kind, project, here.Name, program);
        return File.Exists(path) ? path : throw new InvalidOperationException(
            $"there is no {path}; build {project} first{(kind == "bin" ? "" : $", by setup.sh, or unset {Variable}")}");
    }
}
