namespace HDF.PInvoke.Tests;

internal sealed class TempFile : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hdf-pinvoke-").FullName;

    public string Path => System.IO.Path.Combine(folder, "test.h5");

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
