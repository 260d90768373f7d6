using System.Buffers.Binary;

namespace HpcTrain.Training.Tests.Jobs;

/// <summary>
/// A small stand-in for Fashion-MNIST, made from a seed: ten classes, each a bright bar at its own place under noise, so
/// that a model that learns at all gets nearly everything right.
/// </summary>
internal static class SmallDataset
{
    public const int TrainSamples = 630; // no multiple of any batch used here: the last batch is short
    public const int TestSamples = 200;

    /// <summary>Imports train and test parts of square images into <paramref name="folder"/> with the hpctrain program.</summary>
    public static void Create(string folder, int edge = 28)
    {
        foreach (var (part, samples, seed) in new[] { ("train", TrainSamples, 1), ("test", TestSamples, 2) })
        {
            var (images, labels) = Write(folder, part, samples, edge, new Random(seed));
            var import = Program.Run(Program.HpcTrain,
                ["data", "import", "idx", "--images", images, "--labels", labels, "--out", Path.Combine(folder, part), "--shard-samples", "200"]);
            Assert.That(import.ExitCode, Is.Zero, import.Everything);
        }
    }

    private static (string Images, string Labels) Write(string folder, string part, int samples, int edge, Random random)
    {
        var pixels = new byte[samples * edge * edge];
        var labels = new byte[samples];
        random.NextBytes(pixels);
        for (var i = 0; i < samples; i++)
        {
            labels[i] = (byte)random.Next(10);
            var image = pixels.AsSpan(i * edge * edge, edge * edge);
            for (var p = 0; p < image.Length; p++)
            {
                var inBar = (p / edge) - 4 == 2 * labels[i] || (p / edge) - 5 == 2 * labels[i];
                image[p] = (byte)((image[p] / 3) + (inBar ? 160 : 0));
            }
        }

        var imagePath = Path.Combine(folder, part + "-images");
        var labelPath = Path.Combine(folder, part + "-labels");
        File.WriteAllBytes(imagePath, [.. Header(0x803, samples, edge, edge), .. pixels]);
        File.WriteAllBytes(labelPath, [.. Header(0x801, samples), .. labels]);
        return (imagePath, labelPath);
    }

    private static byte[] Header(params int[] words)
    {
        var bytes = new byte[words.Length * sizeof(int)];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * sizeof(int)), words[i]);
        }

        return bytes;
    }
}
