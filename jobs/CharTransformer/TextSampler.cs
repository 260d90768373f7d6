using System.Globalization;
using HpcTrain.Data;
using HpcTrain.Runs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>
/// Lets a model write: each character is drawn by the odds that the model gives it after the last <paramref name="context"/> ones.
/// The same seed draws the same text. The unknown character is never drawn.
/// </summary>
internal sealed class TextSampler(Module<Tensor, Tensor> model, Vocabulary vocabulary, int context)
{
    /// <summary>Samples a text and keeps it as sample.txt of a run.</summary>
    /// <returns>The text, for people.</returns>
    /// <exception cref="RunException">The file cannot be written.</exception>
    public string Write(RunFolder run, string prompt, int length, double temperature, long seed)
    {
        var text = Sample(prompt, length, temperature, seed);
        OutputFile.Write("the sample text", Path.Combine(run.Path, "sample.txt"), text + "\n");
        return string.Create(CultureInfo.InvariantCulture, $"{length} characters at temperature {temperature}, seed {seed}:\n{text}");
    }

    /// <summary>The prompt and what the model writes after it.</summary>
    /// <param name="prompt">At least one character; those that the vocabulary does not hold are unknown to the model.</param>
    /// <param name="length">Characters to write.</param>
    /// <param name="temperature">Divides the logits before odds are made of them; 0 takes the likeliest character.</param>
    /// <param name="seed">Of the draws.</param>
    public string Sample(string prompt, int length, double temperature, long seed)
    {
        using var generator = new Generator((ulong)seed);
        var ids = vocabulary.Encode(prompt).Select(id => (long)id).ToList();
        var training = model.training;
        model.eval();
        using (no_grad())
        {
            for (var written = 0; written < length; written++)
            {
                using var scope = NewDisposeScope();
                long[] seen = [.. ids.TakeLast(context)];
                var logits = model.call(tensor(seen).unsqueeze(0))[0, -1].slice(0, Vocabulary.Unknown + 1, vocabulary.Size, 1);
                var drawn = temperature == 0 ? logits.argmax() : multinomial(softmax(logits / temperature, 0), 1, generator: generator);
                ids.Add(drawn.item<long>() + Vocabulary.Unknown + 1);
            }
        }

        model.train(training);
        return prompt + vocabulary.Decode(ids.TakeLast(length));
    }
}
