"""Fields: which name of a column or field means the text, the title, the date and so on, in the languages of their authors.

Names are compared without capitals, accents, spaces, "_" and "-".
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(10_000)
def normalize(name: object) -> str:
    """Return the name of a field as it is compared."""
    letters = unicodedata.normalize("NFKD", str(name).replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    return re.sub(r"[\s_-]", "", "".join(each for each in letters if not unicodedata.combining(each))).lower()


def _names(*lines: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalize(name) for line in lines for name in line.split()))


# The best first. In English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Russian, Swedish, Danish, Japanese
# and Chinese.
TEXT = _names(
    "text body content article full_text main_text article_body content_text content_html story",
    "volltext inhalt artikeltext beitrag fliesstext texte contenu corps texto contenido cuerpo testo contenuto corpo",
    "tekst inhoud conteúdo treść tekstartykułu текст содержание содержимое innehåll brödtext indhold",
    "本文 内容 テキスト 正文 全文 文本 內容",
)
WEAK_TEXT = _names(  # also used for what is not an article
    "message description nachricht beschreibung artikel mensaje descripción descrição messaggio descrizione artículo articolo",
    "bericht beschrijving omschrijving wiadomość opis сообщение описание meddelande beskrivning besked 説明 描述",
)
_ALL_TEXT = frozenset((*TEXT, *WEAK_TEXT))
TITLE = _names(
    "title headline name subject titel überschrift schlagzeile betreff titre título titular asunto titolo oggetto kop",
    "onderwerp assunto tytuł nagłówek temat заголовок название тема rubrik ämne overskrift emne",
    "タイトル 題名 見出し 件名 标题 標題 题目 題目",
)
DATE = _names(
    "date published published_at publication_date pub_date date_published created_at timestamp",
    "datum veröffentlicht veröffentlichungsdatum erscheinungsdatum publié datedepublication fecha fechadepublicación publicado",
    "data datadipubblicazione pubblicato publicatiedatum gepubliceerd datadepublicação datapublikacji opublikowano",
    "дата датапубликации опубликовано publicerad publiceringsdatum dato udgivet",
    "日付 公開日 掲載日 日時 日期 发布日期 發布日期 发布时间",
)
URL = _names("url link href source_url permalink lien enlace ссылка リンク 链接 連結 网址 網址")
AUTHOR = _names(
    "author authors byline autor autorin verfasser auteur auteurs autora autores autore autori автор författare forfatter",
    "著者 作者 執筆者 筆者",
)
LANGUAGE = _names("language lang sprache langue idioma lingua taal język язык språk sprog 言語 语言 語言")
TAGS = _names(
    "tags keywords categories schlagworte schlagwörter stichwörter mots_clés etiquetas palabrasclave parolechiave trefwoorden",
    "tagi słowakluczowe теги ключевыеслова nyckelord nøgleord タグ キーワード 标签 標籤 关键词 關鍵詞",
)
SITE = _names(
    "site publisher source outlet quelle zeitung fuente fonte bron źródło источник källa kilde 出典 出所 媒体 来源 來源"
)
ID = _names("id uid guid key")


def has_text_field(names: Iterable[str]) -> bool:
    """Tell whether one of these fields holds the text of an article, by its name."""
    return any(normalize(name) in _ALL_TEXT for name in names)
