namespace HpcTrain.Cli.Tests.Schedules;

/// <summary>A folder for a test's files, gone after it.</summary>
internal sealed class TempFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("hpctrain-schedules-").FullName;

    /// <summary>The path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>The names of all that is in the folder, hidden or not.</summary>
    public IEnumerable<string?> Names => Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
