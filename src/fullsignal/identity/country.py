"""Countries: anything a shop writes -> ISO 3166-1 alpha-2.

Codes and English names are ISO's (read from pycountry, 2026-11), with Kosovo's XK as libphonenumber uses it,
the UK that people write for GB, and names in common use.
"""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from fullsignal.identity.given import clean
from fullsignal.model import Note

# alpha-2 and alpha-3, written together
_CODES: Final = (
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE "
    "BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS "
    "BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN "
    "COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST "
    "EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF "
    "GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD "
    "HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM "
    "JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA "
    "LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD "
    "MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM "
    "NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG "
    "PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA "
    "SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD "
    "STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON "
    "TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR "
    "VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT ZAZAF ZMZMB ZWZWE "
)

# alpha-2 = names without spaces, accents and punctuation
_NAMES: Final = (
    "AD=andorra AE=uae/unitedarabemirates AF=afghanistan AG=antiguaandbarbuda AI=anguilla AL=albania "
    "AM=armenia AO=angola AQ=antarctica AR=argentina AS=americansamoa AT=austria AU=australia AW=aruba "
    "AX=alandislands AZ=azerbaijan BA=bosniaandherzegovina BB=barbados BD=bangladesh BE=belgium "
    "BF=burkinafaso BG=bulgaria BH=bahrain BI=burundi BJ=benin BL=saintbarthelemy BM=bermuda "
    "BN=brunei/bruneidarussalam BO=bolivia BR=brazil BS=bahamas/thebahamas BT=bhutan BV=bouvetisland "
    "BW=botswana BY=belarus BZ=belize CA=canada CC=cocos/cocosislands "
    "CD=democraticrepublicofthecongo/drcongo CF=centralafricanrepublic CG=congo CH=switzerland "
    "CI=cotedivoire/ivorycoast CK=cookislands CL=chile CM=cameroon CN=china CO=colombia CR=costarica "
    "CU=cuba CV=caboverde/capeverde CW=curacao CX=christmasisland CY=cyprus CZ=czechia/czechrepublic "
    "DE=germany DJ=djibouti DK=denmark DM=dominica DO=dominicanrepublic DZ=algeria EC=ecuador EE=estonia "
    "EG=egypt EH=westernsahara ER=eritrea ES=spain ET=ethiopia FI=finland FJ=fiji FK=falklandislands "
    "FM=micronesia FO=faroeislands FR=france GA=gabon "
    "GB=england/greatbritain/northernireland/scotland/uk/unitedkingdom/wales GD=grenada GE=georgia "
    "GF=frenchguiana GG=guernsey GH=ghana GI=gibraltar GL=greenland GM=gambia/thegambia GN=guinea "
    "GP=guadeloupe GQ=equatorialguinea GR=greece GS=southgeorgiaandthesouthsandwichislands GT=guatemala "
    "GU=guam GW=guineabissau GY=guyana HK=hongkong/hongkongsar HM=heardislandandmcdonaldislands "
    "HN=honduras HR=croatia HT=haiti HU=hungary ID=indonesia IE=ireland IL=israel IM=isleofman IN=india "
    "IO=britishindianoceanterritory IQ=iraq IR=iran IS=iceland IT=italy JE=jersey JM=jamaica JO=jordan "
    "JP=japan KE=kenya KG=kyrgyzstan KH=cambodia KI=kiribati KM=comoros KN=saintkittsandnevis "
    "KP=northkorea KR=korea/republicofkorea/southkorea KW=kuwait KY=caymanislands KZ=kazakhstan "
    "LA=laopeoplesdemocraticrepublic/laos LB=lebanon LC=saintlucia LI=liechtenstein LK=srilanka "
    "LR=liberia LS=lesotho LT=lithuania LU=luxembourg LV=latvia LY=libya MA=morocco MC=monaco MD=moldova "
    "ME=montenegro MF=saintmartin MG=madagascar MH=marshallislands MK=macedonia/northmacedonia ML=mali "
    "MM=burma/myanmar MN=mongolia MO=macao/macau MP=northernmarianaislands MQ=martinique MR=mauritania "
    "MS=montserrat MT=malta MU=mauritius MV=maldives MW=malawi MX=mexico MY=malaysia MZ=mozambique "
    "NA=namibia NC=newcaledonia NE=niger NF=norfolkisland NG=nigeria NI=nicaragua "
    "NL=holland/netherlands/thenetherlands NO=norway NP=nepal NR=nauru NU=niue NZ=newzealand OM=oman "
    "PA=panama PE=peru PF=frenchpolynesia PG=papuanewguinea PH=philippines PK=pakistan PL=poland "
    "PM=saintpierreandmiquelon PN=pitcairn PR=puertorico PS=palestine PT=portugal PW=palau PY=paraguay "
    "QA=qatar RE=reunion RO=romania RS=serbia RU=russia/russianfederation RW=rwanda SA=saudiarabia "
    "SB=solomonislands SC=seychelles SD=sudan SE=sweden SG=singapore SH=sainthelena SI=slovenia "
    "SJ=svalbardandjanmayen SK=slovakia SL=sierraleone SM=sanmarino SN=senegal SO=somalia SR=suriname "
    "SS=southsudan ST=saotomeandprincipe SV=elsalvador SX=sintmaarten SY=syria/syrianarabrepublic "
    "SZ=eswatini/swaziland TC=turksandcaicosislands TD=chad TF=frenchsouthernterritories TG=togo "
    "TH=thailand TJ=tajikistan TK=tokelau TL=easttimor/timorleste TM=turkmenistan TN=tunisia TO=tonga "
    "TR=turkey/turkiye TT=trinidadandtobago TV=tuvalu TW=taiwan TZ=tanzania UA=ukraine UG=uganda "
    "UM=unitedstatesminoroutlyingislands US=unitedstates/unitedstatesofamerica UY=uruguay UZ=uzbekistan "
    "VA=holysee/vatican/vaticancity VC=saintvincentandthegrenadines VE=venezuela VG=britishvirginislands "
    "VI=usvirginislands VN=vietnam VU=vanuatu WF=wallisandfutuna WS=samoa XK=kosovo YE=yemen YT=mayotte "
    "ZA=southafrica ZM=zambia ZW=zimbabwe "
)

# The same in their own languages and in German, French, Spanish, Italian, Dutch, Polish and Portuguese,
# for where consent must be asked for and for large markets (CLDR by Babel 2.18, and older names).
_LOCAL: Final = (
    "AT=osterreich/autriche/oostenrijk/oesterreich AU=australien/australie "
    "BE=belgie/belgique/belgien/belgica/belgio/belgia BG=българия/bulgarien/bulgarie/bulgarije/bułgaria "
    "BR=brasil/brasilien/bresil/brasile/brazilie/brazylia CA=kanada "
    "CH=schweiz/suisse/svizzera/svizra/suiza/zwitserland/szwajcaria/suica CN=中国/chine/cina/chiny "
    "CY=κυπρος/kıbrıs/zypern/chypre/chipre/cipro/cypr "
    "CZ=cesko/tschechien/tchequie/chequia/cechia/tsjechie/czechy/ceskarepublika/tschechischerepublik "
    "CZ=republiquetcheque/republicacheca "
    "DE=deutschland/allemagne/alemania/germania/duitsland/niemcy/alemanha/bundesrepublikdeutschland "
    "DK=danmark/danemark/dinamarca/danimarca/denemarken/dania/daenemark EE=eesti/estland/estonie "
    "ES=espana/espanya/spanien/espagne/spagna/spanje/hiszpania/espanha "
    "FI=suomi/finnland/finlande/finlandia FR=frankreich/francia/frankrijk/francja/franca "
    "GB=ydeyrnasunedig/vereinigteskonigreich/royaumeuni/reinounido/regnounito/verenigdkoninkrijk "
    "GB=wielkabrytania/großbritannien/grandebretagne/granbretana/granbretagna/grootbrittannie "
    "GB=grabretanha GR=ελλαδα/griechenland/grece/grecia/griekenland/grecja/hellas "
    "HR=hrvatska/kroatien/croatie/croacia/croazia/kroatie/chorwacja "
    "HU=magyarorszag/ungarn/hongrie/hungria/ungheria/hongarije/wegry "
    "IE=eire/irland/irlande/irlanda/ierland/irlandia IS=island/islande/islandia/islanda/ijsland "
    "IT=italia/italien/italie/włochy JP=日本/japon/giappone/japonia/japao "
    "KR=대한민국/sudkorea/coreedusud/coreadelsur/coreadelsud/zuidkorea/koreapołudniowa/coreiadosul "
    "LI=listenstaine LT=lietuva/litauen/lituanie/lituania/litouwen/litwa "
    "LU=letzebuerg/luxemburg/luxemburgo/lussemburgo/luksemburg "
    "LV=latvija/lettland/lettonie/letonia/lettonia/letland/łotwa MT=malte "
    "MX=mexiko/mexique/messico/meksyk "
    "NL=nederland/niederlande/paysbas/paisesbajos/paesibassi/holandia/paisesbaixos/hollande/holanda "
    "NL=olanda NO=norge/noreg/norwegen/norvege/noruega/norvegia/noorwegen/norwegia "
    "PL=polska/polen/pologne/polonia PT=portogallo/portugalia "
    "RO=rumanien/roumanie/rumania/roemenie/rumunia/romenia/rumaenien "
    "RS=srbija/србија/serbien/serbie/servie/servia RU=россия/russland/russie/rusia/rusland/rosja "
    "SE=sverige/schweden/suede/suecia/svezia/zweden/szwecja "
    "SI=slovenija/slowenien/slovenie/eslovenia/słowenia "
    "SK=slovensko/slowakei/slovaquie/eslovaquia/slovacchia/slowakije/słowacja/slowakischerepublik "
    "TH=ไทย/thailande/tailandia/thailandia/tajlandia "
    "TR=turkei/turquie/turquia/turchia/turkije/turcja/tuerkei TW=台灣/tajwan "
    "UA=украіна/ucrania/ucraina/oekraine/ukraina "
    "US=vereinigtestaaten/etatsunis/estadosunidos/statiuniti/verenigdestaten/stanyzjednoczone "
    "US=vereinigtestaatenvonamerika/etatsunisdamerique VN=wietnam/vietname "
)

_ALPHA2: Final[dict[str, str]] = {"uk": "gb"}
for _pair in _CODES.split():
    _ALPHA2[_pair[:2].lower()] = _ALPHA2[_pair[2:].lower()] = _pair[:2].lower()
for _entry in (_NAMES + _LOCAL).split():
    for _name in _entry[3:].split("/"):
        _ALPHA2[_name] = _entry[:2].lower()


def alpha2(value: str, field: str, notes: list[Note]) -> str:
    """Lower-case alpha-2 of an alpha-2 or alpha-3 code or a name; "" with note `country_unknown`."""
    code = _ALPHA2.get(value.lower())
    if code is not None:
        return code
    text = clean(value)
    if not text:
        return ""
    letters = "".join([one for one in normalize("NFD", text.lower().replace("&", "and")) if one.isalnum()])
    code = _ALPHA2.get(letters) or _ALPHA2.get(letters.removeprefix("the"))
    if code is None:
        notes.append(Note("country_unknown", field, "Not an ISO country code or name; it was dropped."))
        return ""
    return code
