namespace HpcTrain.Cli.Tests.Data;

/// <summary>A folder with a small pair of IDX files, gone after the test.</summary>
internal sealed class IdxFiles : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hpctrain-cli-data-").FullName;

    /// <param name="count">Samples, below 65536; image bytes are random, so that they do not compress.</param>
    /// <param name="side">Height and width of an image, below 256.</param>
    public IdxFiles(int count = 100, int side = 4)
    {
        byte[] samples = [0, 0, (byte)(count >> 8), (byte)count];
        var pixels = new byte[count * side * side];
        new Random(1).NextBytes(pixels);
        File.WriteAllBytes(Images, [0, 0, 8, 3, .. samples, 0, 0, 0, (byte)side, 0, 0, 0, (byte)side, .. pixels]);
        File.WriteAllBytes(Labels, [0, 0, 8, 1, .. samples, .. pixels[..count]]);
    }

    public string Images => this["images"];

    public string Labels => this["labels"];

    public string Out => this["set"];

    public string this[string name] => Path.Combine(folder, name);

    /// <summary>Everything in the folder but the inputs, hidden or not.</summary>
    public IEnumerable<string?> Written => Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Where(name => name is not ("images" or "labels"));

    public string[] Import(params string[] more) => ["data", "import", "idx", "--images", Images, "--labels", Labels, "--out", Out, .. more];

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
