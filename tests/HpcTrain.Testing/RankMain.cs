namespace HpcTrain.Testing;

/// <summary>
/// The entry point of every test assembly. <c>dotnet test</c> never calls it; mpirun does, when the harness starts the
/// assembly's rank tests.
/// </summary>
internal static class RankMain
{
    private static int Main(string[] args) => RankProgram.Run(typeof(RankMain).Assembly, args);
}
