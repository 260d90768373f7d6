using System.Globalization;
using System.Security;
using HpcTrain.Collectives.Msccl;

namespace HpcTrain.Collectives;

/// <content>Writing.</content>
public static partial class MscclXml
{
    private const string MostBytes = "1099511627776";

    /// <summary>
    /// The schedule as MSCCL XML, for any buffer length and the protocol Simple. It is proved first. Chunks become chunks of equal length: of weight 3
    /// and 1, three and one. Weights that would need more than MSCCL counts are rounded, and a note says what that costs. The root is kept in an attribute that
    /// runtimes ignore.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="notes">Gets a sentence when weights are rounded, and for each limit of a known runtime that keeps it from loading the file; null when nobody asks.</param>
    /// <exception cref="ScheduleException">The schedule is wrong, is a barrier, or has more chunks than MSCCL counts.</exception>
    public static string ToMsccl(this Schedule schedule, ICollection<string>? notes = null)
    {
        MscclAlgorithm algorithm = MscclExport.Run(schedule, MostChunks, notes);
        foreach (string note in notes is null ? [] : MscclLimits.Exceeded(algorithm))
            notes!.Add(note);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        Write(algorithm, text);
        return text.ToString();
    }

    private static void Write(MscclAlgorithm algorithm, TextWriter text)
    {
        int channels = algorithm.Gpus.SelectMany(gpu => gpu.Blocks).Select(block => block.Channel + 1).DefaultIfEmpty(1).Max();
        string root = algorithm.Root is { } rank ? $" root=\"{rank}\"" : "";
        text.Write(
            $"<algo name=\"{SecurityElement.Escape(algorithm.Name)}\" proto=\"Simple\" nchannels=\"{channels}\" nchunksperloop=\"{algorithm.Chunks}\""
            + $" ngpus=\"{algorithm.Ranks}\" coll=\"{s_collectiveNames[algorithm.Collective]}\"{root} inplace=\"{(algorithm.IsInPlace ? 1 : 0)}\""
            + $" outofplace=\"{(algorithm.IsInPlace ? 0 : 1)}\" minBytes=\"0\" maxBytes=\"{MostBytes}\">\n");
        foreach ((int id, MscclGpu gpu) in algorithm.Gpus.Index())
        {
            text.Write($"  <gpu id=\"{id}\" i_chunks=\"{gpu.InputChunks}\" o_chunks=\"{gpu.OutputChunks}\" s_chunks=\"{gpu.ScratchChunks}\">\n");
            foreach ((int number, MscclBlock block) in gpu.Blocks.Index())
            {
                text.Write($"    <tb id=\"{number}\" send=\"{block.SendPeer}\" recv=\"{block.ReceivePeer}\" chan=\"{block.Channel}\">\n");
                foreach ((int s, MscclStep step) in block.Steps.Index())
                    WriteStep(s, step, text);
                text.Write("    </tb>\n");
            }

            text.Write("  </gpu>\n");
        }

        text.Write("</algo>\n");
    }

    private static void WriteStep(int number, MscclStep step, TextWriter text)
    {
        (int block, int awaited) = step.After is { } after ? (after.Block, after.Step) : (-1, -1);
        text.Write(
            $"      <step s=\"{number}\" type=\"{step.Type.Name()}\" srcbuf=\"{step.Source.Letter}\" srcoff=\"{step.Source.Offset}\""
            + $" dstbuf=\"{step.Target.Letter}\" dstoff=\"{step.Target.Offset}\" cnt=\"{step.Count}\""
            + $" depid=\"{block}\" deps=\"{awaited}\" hasdep=\"{(step.IsAwaited ? 1 : 0)}\"/>\n");
    }
}
