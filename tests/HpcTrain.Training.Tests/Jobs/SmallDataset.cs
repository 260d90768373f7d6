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
    private const int Edge = 28;

    /// <summary>Imports train and test parts into <paramref name="folder"/> with the hpctrain program.</summary>
    public static void Create(string folder)
    {
        foreach (var (part, samples, seed) in new[] { ("train", TrainSamples, 1), ("test", TestSamples, 2) })
        {
            var (images, labels) = Write(folder, part, samples, new Random(seed));
            var import = Program.Run(Program.HpcTrain,
                ["data", "import", "idx", "--images", images, "--labels", labels, "--out", Path.Combine(folder, part), "--shard-samples", "200"]);
            Assert.That(import.ExitCode, Is.Zero, import.Everything);
        }
    }

    private static (string Images, string Labels) Write(string folder, string part, int samples, Random random)
    {
        var pixels = new byte[samples * Edge * Edge];
        var labels = new byte[samples];
        random.NextBytes(pixels);
        for (var i = 0; i < samples; i++)
        {
            labels[i] = (byte)random.Next(10);
            var image = pixels.AsSpan(i * Edge * Edge, Edge * Edge);
            for (var p = 0; p < image.Length; p++)
            {
                var inBar = (p / Edge) - 4 == 2 * labels[i] || (p / Edge) - 5 == 2 * labels[i];
                image[p] = (byte)((image[p] / 3) + (inBar ? 160 : 0));
            }
        }

        var imagePath = Path.Combine(folder, part + "-images");
        var labelPath = Path.Combine(folder, part + "-labels");
        File.WriteAllBytes(imagePath, [.. Header(0x803, samples, Edge, Edge), .. pixels]);
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
