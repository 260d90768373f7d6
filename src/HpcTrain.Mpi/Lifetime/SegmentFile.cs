using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>
/// The file through which Open MPI shares this rank's memory with the others of its node: /dev/shm/vader_segment.HOST.USER.JOB.RANK, of which only its own
/// mpirun and its own end would rid the machine.
/// </summary>
/// <remarks>
/// Once all ranks of the node have mapped it, the name is needed no more, and the memory lasts as long as they do. So it is removed right after
/// the start, as MPICH does with its own: then nothing stays behind, whoever is killed, and if all are killed at once. Only the name that Open MPI
/// removes at its end, and complains about on standard error if it is missing, has to come back for that moment, without memory.
/// </remarks>
internal sealed class SegmentFile
{
    // Open MPI 4 calls its shared memory vader, Open MPI 5 sm.
    private static readonly string[] s_prefixes = ["vader_segment.", "sm_segment."];

    private readonly string _path;

    private SegmentFile(string path) => _path = path;

    /// <summary>The file of this rank, when it and those of all other ranks of the node are mapped; null otherwise, as with other MPI libraries.</summary>
    public static SegmentFile? Find(LaunchContext launch)
    {
        string[] all = [.. MappedFiles.All().Where(path => Array.Exists(s_prefixes, prefix => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal)))];
        if (all.Length != launch.LocalSize)
            return null;
        string end = string.Create(CultureInfo.InvariantCulture, $".{launch.LocalRank}");
        string? own = Array.Find(all, path => path.EndsWith(end, StringComparison.Ordinal));

        // One job's files differ in nothing but the rank.
        return own != null && Array.TrueForAll(all, path => Path.ChangeExtension(path, null) == Path.ChangeExtension(own, null)) ? new(own) : null;
    }

    /// <summary>Removes the name; only after every rank of the node has found its own.</summary>
    public void Remove() => Try(() => File.Delete(_path));

    /// <summary>Puts the name back for Open MPI to remove.</summary>
    public void Restore() => Try(() => new FileStream(_path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    }).Dispose());

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then Open MPI cleans up as it always does, or says that it cannot.
        }
    }
}
