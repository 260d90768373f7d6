namespace HpcTrain.Collectives.Diagnostics;

/// <summary>What the kernel tells about another process of this node.</summary>
internal static class ProcessGlance
{
    /// <summary>Its state in words, for example <c>process 4711 is stopped</c>.</summary>
    public static string Describe(int process)
    {
        try
        {
            // Of proc(5): the state is the first field behind the name, which stands in parentheses and may hold any character.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return $"process {process} " + stat[stat.LastIndexOf(')') + 2] switch
            {
                'R' => "runs",
                'S' => "sleeps or waits",
                'D' => "waits for a device",
                'T' or 't' => "is stopped",
                'Z' or 'X' => "has died",
                var other => $"is in state {other}",
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"process {process} has died";
        }
    }
}
