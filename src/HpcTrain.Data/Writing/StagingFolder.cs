namespace HpcTrain.Data.Writing;

/// <summary>
/// A folder that appears whole or not at all. Everything is written into ".NAME.importing" beside the target and renamed to
/// NAME at the end; a process that dies leaves only the dotted folder, which no reader looks at and the next import clears. A
/// lock on a file inside tells a dead import's remains from a live import: the kernel drops it with the process.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
    private const string LockName = ".lock";

    private readonly string target;
    private readonly bool replace;
    private FileStream? guard;

    public StagingFolder(string target, bool replace)
    {
        this.target = System.IO.Path.GetFullPath(target);
        this.target = System.IO.Path.TrimEndingDirectorySeparator(this.target);
        this.replace = replace;
        var parent = System.IO.Path.GetDirectoryName(this.target)
            ?? throw new DatasetException(
                $"A dataset cannot be written to {this.target}; name a folder below it.", DatasetFault.InputOutput);
        Path = Sibling("importing");
        CheckTarget();
        try
        {
            Directory.CreateDirectory(parent);
            Directory.CreateDirectory(Path);
            guard = Lock();
            DeleteAllButLock();
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            Dispose();
            throw DatasetException.FromIO("write to", this.target, e);
        }
    }

    /// <summary>Where to write until <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <summary>Makes the folder appear at its place. All files in it are on disk already.</summary>
    public void Commit()
    {
        CheckTarget();
        var old = Sibling("replaced");
        try
        {
            FolderSync.Folder(Path);
            if (Directory.Exists(old))
                Directory.Delete(old, recursive: true);
            if (Directory.Exists(target))
                Directory.Move(target, old);
            Directory.Move(Path, target);
            FolderSync.Folder(System.IO.Path.GetDirectoryName(target)!);
            File.Delete(System.IO.Path.Combine(target, LockName));
            guard?.Dispose();
            guard = null;
            if (Directory.Exists(old))
                Directory.Delete(old, recursive: true);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("write to", target, e);
        }
    }

    /// <summary>Without <see cref="Commit"/>: removes what was written.</summary>
    public void Dispose()
    {
        if (guard is null)
            return;
        try
        {
            // The lock goes last, so that no other import takes the folder for a dead one's while it is being removed.
            DeleteAllButLock();
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            // The failure that led here is the one to report; the next import clears the rest.
        }
        finally
        {
            guard.Dispose();
            guard = null;
        }
    }

    private string Sibling(string purpose) => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(target) ?? "", $".{System.IO.Path.GetFileName(target)}.{purpose}");

    private void CheckTarget()
    {
        if (File.Exists(target))
            throw new DatasetException($"{target} is a file; name a folder for the dataset.", DatasetFault.InputOutput);
        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
            return;
        var isDataset = File.Exists(System.IO.Path.Combine(target, Manifest.FileName));
        if (isDataset && replace)
            return;
        throw new DatasetException(
            isDataset
                ? $"There is a dataset at {target} already; give --overwrite to replace it, --if-missing to keep it, or another folder."
                : $"The folder {target} is not empty and holds no dataset, so it will not be replaced; name another folder.",
            DatasetFault.InputOutput);
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && !DatasetException.IsDiskFull(e.Message))
        {
            throw new DatasetException(
                $"Another import into {target} is under way; wait until it ends, or stop it.", DatasetFault.InputOutput, e);
        }
    }

    private void DeleteAllButLock()
    {
        foreach (var entry in Directory.GetFileSystemEntries(Path))
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else if (System.IO.Path.GetFileName(entry) != LockName)
                File.Delete(entry);
    }
}
