using System.Text;
using Microsoft.Extensions.AI;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>What the model reads of what its code, or a function, gave.</summary>
public class SmolLM3ChatClientCodeResultTests
{
    private static readonly ErrorContent s_error = new("boom");
    private static readonly TextContent s_text = new("x = 5");

    public static TheoryData<AIContent[]?, string> Outputs => new()
    {
        { null, "(no output)" },
        { [], "(no output)" },
        { [new TextContent("")], "(no output)" },
        { [s_text, new TextContent(", y = 6\n")], "x = 5, y = 6\n" },
        { [s_text, s_error], "x = 5\nError: boom" },
        { [s_error, s_text], "Error: boom\nx = 5" },
        { [new TextContent("x\n"), s_error], "x\nError: boom" },
        { [new ErrorContent("boom") { Details = "Trace:\n  line 1" }, s_text], "Error: boom\nTrace:\n  line 1\nx = 5" },
        { [s_text, new HostedFileContent("id-7") { Name = "plot.png" }], "x = 5\n(file: plot.png)" },
        { [new HostedFileContent("id-7")], "(file: id-7)" },
        { [s_text, new DataContent(Encoding.UTF8.GetBytes("a,b"), "text/csv"), s_text], "x = 5\na,b\nx = 5" },
    };

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Output_of_code(AIContent[]? outputs, string read) =>
        Assert.Equal(read, await Read(new CodeInterpreterToolResultContent("1") { Outputs = outputs }));

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Contents_of_a_function_are_read_alike(AIContent[]? contents, string read)
    {
        if (contents is not null)
        {
            Assert.Equal(read, await Read(new FunctionResultContent("1", contents.ToList())));
        }

        if (contents is [ErrorContent or HostedFileContent])
        {
            Assert.Equal(read, await Read(new FunctionResultContent("1", contents[0])));
        }
    }

    [Fact]
    public async Task Code_within_a_result_is_read_too()
    {
        CodeInterpreterToolResultContent inner = new("2") { Outputs = [s_text, s_error] };

        Assert.Equal("x = 5\nError: boom", await Read(new FunctionResultContent("1", inner)));
    }

    private static async Task<string> Read(AIContent result)
    {
        ClientHarness harness = new("Ok.");
        await harness.Client.GetResponseAsync([new(ChatRole.User, "Go"), new(ChatRole.Tool, [result])]);
        string turn = harness.LastPrompt.Split("<|im_start|>user\n")[^1];
        return turn[..turn.IndexOf("<|im_end|>")];
    }
}
